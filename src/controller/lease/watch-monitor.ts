import type { Clock, Timer } from '../../lib/clock.ts'

const TICK_MS = 250
const LONGEST_GAP_MS = 5000

/** Earlier reports of the router may be obsolete. */
export class WatchInterrupted extends Error {
  override readonly name = 'WatchInterrupted'
  readonly since: number

  constructor(since: number) {
    super(`not watched since ${new Date(since).toISOString()}`)
    this.since = since
  }
}

interface WatchMonitorOptions {
  readonly canWatch: () => boolean
  readonly onWatched: (time: number) => void
  readonly clock: Clock
  readonly now?: () => number
}

export class WatchMonitor {
  readonly #options: WatchMonitorOptions
  readonly #now: () => number
  readonly #timer: Timer
  #watchedAt: number
  #watchedWallTime: number
  #interruption = new AbortController()

  constructor(options: WatchMonitorOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#watchedAt = this.#now()
    this.#watchedWallTime = options.clock.wallTime()
    this.#timer = options.clock.setInterval(() => this.tick(), TICK_MS)
  }

  get interrupted(): AbortSignal {
    return this.#interruption.signal
  }

  tick(): void {
    const { canWatch, clock } = this.#options
    if (!canWatch()) return
    const since = this.#watchedAt
    const gap = clock.wallTime() - this.#watchedWallTime
    this.#watchedAt = this.#now()
    this.#watchedWallTime += gap
    if (gap > LONGEST_GAP_MS) this.#interruption.abort(new WatchInterrupted(since))
  }

  routerAnswered(): void {
    this.tick()
    if (!this.interrupted.aborted && this.#options.canWatch()) this.#options.onWatched(this.#now())
  }

  resume(): void {
    this.#interruption = new AbortController()
  }

  close(): void {
    this.#timer.cancel()
  }
}
