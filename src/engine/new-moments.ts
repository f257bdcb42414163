import type { Position } from '../../schemas/recorded-event.ts'

type MomentPair = readonly [time: number, position: Position]

/**
 * When events were recorded, of those that are not written down yet. A store's clock may be set back; what was recorded
 * then counts as of the latest time before, so that time grows with position.
 */
export class NewMoments {
  #pairs: MomentPair[] = []
  #latest: number

  /** @param latest when the last event was recorded that is written down, RFC 3339 */
  constructor(latest: string | undefined) {
    this.#latest = latest === undefined ? Number.NEGATIVE_INFINITY : Date.parse(latest)
  }

  note(time: string, position: Position): void {
    const at = Math.max(this.#latest, Date.parse(time))
    if (at === this.#latest && this.#pairs.length > 0) this.#pairs.pop()
    this.#latest = at
    this.#pairs.push([at, position])
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
    this.#latest = Number.NEGATIVE_INFINITY
  }
}
