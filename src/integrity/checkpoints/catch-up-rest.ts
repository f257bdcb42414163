/** How many times as long as a slice of work its rest is. */
const LONGEST = 10
const SHORTEST = 1
const LOOK_MS = 1000

/** Rests of work on a log that may grow meanwhile: they become shorter while the lag does not shrink. */
export class CatchUpRest {
  readonly #now: () => number
  #factor = LONGEST
  #look: { readonly at: number; readonly lag: number } | undefined

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * Returns how long to rest, in milliseconds.
   *
   * @param lag distance to the end of the log, in any unit
   */
  after(workedMs: number, lag: number): number {
    const at = this.#now()
    if (this.#look === undefined) this.#look = { at, lag }
    else if (at - this.#look.at >= LOOK_MS) {
      if (lag >= this.#look.lag) this.#factor = Math.max(SHORTEST, this.#factor / 2)
      this.#look = { at, lag }
    }
    return this.#factor * workedMs
  }

  /** Call at the end of the log. */
  startOver(): void {
    this.#factor = LONGEST
    this.#look = undefined
  }
}
