import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'

export type MomentPair = readonly [time: number, position: Position]

const NONE = { time: Number.NEGATIVE_INFINITY, position: BEGINNING }

/** Times never decrease, even if the store's clock steps back. */
export class PendingTimestamps {
  #pairs: MomentPair[] = []
  #lastText = ''
  #lastTime = Number.NEGATIVE_INFINITY
  #last: { readonly time: number; readonly position: Position }

  constructor(last: { readonly time: number; readonly position: Position } = NONE) {
    this.#last = last
  }

  /** Undefined for an event that is noted already. */
  note(recorded: string, position: Position): number | undefined {
    if (position <= this.#last.position) return undefined
    if (recorded !== this.#lastText) {
      this.#lastText = recorded
      this.#lastTime = Math.max(this.#last.time, Date.parse(recorded))
    }
    const time = this.#lastTime
    if (time === this.#last.time && this.#pairs.length > 0) this.#pairs.pop()
    this.#last = { time, position }
    this.#pairs.push([time, position])
    return time
  }

  take(): readonly MomentPair[] {
    const pairs = this.#pairs
    this.#pairs = []
    return pairs
  }

  putBefore(pairs: readonly MomentPair[]): void {
    this.#pairs = [...pairs, ...this.#pairs]
  }

  startOver(): void {
    this.#pairs = []
    this.#last = NONE
  }
}
