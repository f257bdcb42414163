import type { Clock, Timer } from '../../lib/clock.ts'
import { Observers } from '../../lib/observers.ts'

const TICK_MS = 250
const LONGEST_STEP_MS = 1000

/**
 * Milliseconds in which the process runs, at most a second per tick: a stopped process receives nothing, although the router is
 * not silent.
 */
export class PauseAwareClock {
  readonly #observers = new Observers()
  readonly #onFailure: (error: unknown) => void
  readonly #clock: Clock
  readonly #timer: Timer
  #ticked: number
  #elapsed = 0

  constructor(clock: Clock, onFailure: (error: unknown) => void) {
    this.#clock = clock
    this.#ticked = clock.now()
    this.#onFailure = onFailure
    this.#timer = clock.setInterval(() => this.#tick(), TICK_MS)
  }

  now(): number {
    return this.#elapsed + this.#sinceTick()
  }

  #sinceTick(): number {
    return Math.min(this.#clock.now() - this.#ticked, LONGEST_STEP_MS)
  }

  #tick(): void {
    this.#elapsed = this.now()
    this.#ticked = this.#clock.now()
    this.#observers.notify()
  }

  onTick(observer: () => void): void {
    this.#observers.add(observer, this.#onFailure)
  }

  stop(): void {
    this.#timer.cancel()
    this.#observers.clear()
  }
}
