import { Observers } from '../../lib/observers.ts'

/** How often those who wait are asked whether they have waited long enough. */
const TICK_MS = 250
/** What a tick counts for at most. */
const LONGEST_STEP_MS = 1000

/**
 * Time in milliseconds as this process has lived it. While it was stopped or blocked nothing could be heard, so that such
 * time must not count as anybody's silence: between two ticks at most a second passes.
 */
export class PauseAwareClock {
  readonly #observers = new Observers()
  readonly #onFailure: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  #ticked = performance.now()
  #lived = 0

  /** @param onFailure called where one that is called with each tick throws */
  constructor(onFailure: (error: unknown) => void, tickMs: number = TICK_MS) {
    this.#onFailure = onFailure
    this.#timer = setInterval(() => this.#tick(), tickMs).unref()
  }

  now(): number {
    return this.#lived + this.#sinceTick()
  }

  #sinceTick(): number {
    return Math.min(performance.now() - this.#ticked, LONGEST_STEP_MS)
  }

  #tick(): void {
    this.#lived = this.now()
    this.#ticked = performance.now()
    this.#observers.notify()
  }

  /** Calls the observer several times a second until the clock is stopped. */
  onTick(observer: () => void): void {
    this.#observers.add(observer, this.#onFailure)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#observers.clear()
  }
}
