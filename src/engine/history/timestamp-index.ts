import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'

export type MomentPair = readonly [time: number, position: Position]

const NONE = { time: Number.NEGATIVE_INFINITY, position: BEGINNING }

/**
 * When events were recorded, of those that are not written down yet. A store's clock may be set back; what was recorded
 * then counts as of the latest time before, so that time grows with position.
 */
export class PendingTimestamps {
  #pairs: MomentPair[] = []
  /** Many events are of one time. */
  #lastText = ''
  #lastTime = Number.NEGATIVE_INFINITY
  #last: { readonly time: number; readonly position: Position }

  /** @param last the last of those that are written down, its time in milliseconds since 1970 */
  constructor(last: { readonly time: number; readonly position: Position } = NONE) {
    this.#last = last
  }

  /** One that is known already changes nothing. */
  note(recorded: string, position: Position): void {
    if (position <= this.#last.position) return
    if (recorded !== this.#lastText) {
      this.#lastText = recorded
      this.#lastTime = Math.max(this.#last.time, Date.parse(recorded))
    }
    const time = this.#lastTime
    if (time === this.#last.time && this.#pairs.length > 0) this.#pairs.pop()
    this.#last = { time, position }
    this.#pairs.push([time, position])
  }

  /** All that are new, for them to be written down. */
  take(): readonly MomentPair[] {
    const pairs = this.#pairs
    this.#pairs = []
    return pairs
  }

  /** What could not be written is to be written first. */
  putBefore(pairs: readonly MomentPair[]): void {
    this.#pairs = [...pairs, ...this.#pairs]
  }

  startOver(): void {
    this.#pairs = []
    this.#last = NONE
  }
}
