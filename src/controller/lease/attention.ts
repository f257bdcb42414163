import type { Clock, Timer } from '../../lib/clock.ts'

const TICK_MS = 250
/** So long an engine may be unable to watch before that is a time in which none did. */
const MOST_UNABLE_MS = 5000

/** This engine did not watch for a while: what it says of its router may have become untrue meanwhile. */
export class WatchInterrupted extends Error {
  override readonly name = 'WatchInterrupted'
  /** The last moment before, in milliseconds since 1970. */
  readonly since: number

  constructor(since: number) {
    super(`nothing was watched since ${new Date(since).toISOString()}`)
    this.since = since
  }
}

export interface AttentionOptions {
  /** Whether what the router says now could be written down and shown. */
  readonly isAble: () => boolean
  /** The router was heard of at this time, in milliseconds since 1970. */
  readonly onWatched: (time: number) => void
  readonly clock: Clock
  /** Milliseconds since 1970, of a clock that goes on while the machine sleeps. */
  readonly now?: () => number
}

/**
 * Notices the times in which this engine drives a router and does not watch it: the process was stopped, the machine slept,
 * the store did not answer, the lease was in doubt.
 */
export class Attention {
  readonly #options: AttentionOptions
  readonly #now: () => number
  readonly #timer: Timer
  #ableAt: number
  #interruption = new AbortController()

  constructor(options: AttentionOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#ableAt = this.#now()
    this.#timer = options.clock.setInterval(() => this.tick(), TICK_MS)
  }

  /** Aborted with WatchInterrupted once such a time is over; made anew by `goOn`. */
  get interrupted(): AbortSignal {
    return this.#interruption.signal
  }

  tick(): void {
    if (!this.#options.isAble()) return
    const since = this.#ableAt
    this.#ableAt = this.#now()
    if (this.#ableAt - since > MOST_UNABLE_MS) this.#interruption.abort(new WatchInterrupted(since))
  }

  heard(): void {
    this.tick()
    if (!this.interrupted.aborted && this.#options.isAble()) this.#options.onWatched(this.#now())
  }

  /** The interruption is recorded. */
  goOn(): void {
    this.#interruption = new AbortController()
  }

  close(): void {
    this.#timer.cancel()
  }
}
