import type { Clock, Timer } from '../../lib/clock.ts'
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
  readonly #clock: Clock
  readonly #timer: Timer
  #ticked: number
  #lived = 0

  /** @param onFailure called where one that is called with each tick throws */
  constructor(clock: Clock, onFailure: (error: unknown) => void) {
    this.#clock = clock
    this.#ticked = clock.now()
    this.#onFailure = onFailure
    this.#timer = clock.setInterval(() => this.#tick(), TICK_MS)
  }

  now(): number {
    return this.#lived + this.#sinceTick()
  }

  #sinceTick(): number {
    return Math.min(this.#clock.now() - this.#ticked, LONGEST_STEP_MS)
  }

  #tick(): void {
    this.#lived = this.now()
    this.#ticked = this.#clock.now()
    this.#observers.notify()
  }

  /** Calls the observer several times a second until the clock is stopped. */
  onTick(observer: () => void): void {
    this.#observers.add(observer, this.#onFailure)
  }

  stop(): void {
    this.#timer.cancel()
    this.#observers.clear()
  }
}
