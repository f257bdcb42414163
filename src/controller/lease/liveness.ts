import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { RouterEventWriter } from '../event-writer.ts'
import type { SiteState } from '../site-state.ts'
import type { Activity } from '../stats.ts'

const WATCH_MS = 250

/** Whether the log does not say yet that a router does not answer. */
const isToBeSaid = ({ connection, message, unobservedSince }: RouterConnection): boolean =>
  connection === 'Connected' || message === 'Connecting' || unobservedSince !== undefined

export interface ContactOptions {
  readonly view: Pick<SiteState, 'namespace' | 'link'>
  readonly journal: Pick<RouterEventWriter, 'write'>
  readonly activity: Pick<Activity, 'isConnected'>
  /** How many milliseconds a router may be away before its conditions are Unknown. */
  readonly graceMs: number
  /** Ends what is being written. */
  readonly signal: AbortSignal
  readonly clock: Pick<Clock, 'now' | 'setInterval'>
}

/** Since when there is no connection to the router, and the event of it once that is longer than the grace period. */
export class RouterLiveness {
  readonly #view: ContactOptions['view']
  readonly #journal: ContactOptions['journal']
  readonly #activity: ContactOptions['activity']
  readonly #graceMs: number
  readonly #signal: AbortSignal
  readonly #clock: ContactOptions['clock']
  readonly #timer: Timer
  /** In milliseconds of the process's clock; undefined while the router is connected. */
  #lostAt: number | undefined
  #reason = 'no connection yet'
  #isTelling = false

  constructor({ view, journal, activity, graceMs, signal, clock }: ContactOptions) {
    this.#view = view
    this.#journal = journal
    this.#activity = activity
    this.#graceMs = graceMs
    this.#signal = signal
    this.#clock = clock
    this.#lostAt = clock.now()
    this.#timer = clock.setInterval(() => this.#watch(), WATCH_MS)
  }

  /** Until this moment of the process's clock a router that comes back was away for no longer than the grace period. */
  get excusedUntil(): number {
    return (this.#lostAt ?? this.#clock.now()) + this.#graceMs
  }

  heard(): void {
    this.#lostAt = undefined
    this.#activity.isConnected = true
  }

  /** The grace period begins with the loss of a connection: tries to get another one that fail do not begin it again. */
  lost(reason: string): void {
    this.#lostAt ??= this.#clock.now()
    this.#activity.isConnected = false
    this.#reason = reason
  }

  /** The time during which this engine might not drive says nothing of the router. */
  resume(): void {
    this.#lostAt = this.#clock.now()
  }

  get #isOverdue(): boolean {
    return this.#lostAt !== undefined && this.#clock.now() - this.#lostAt >= this.#graceMs
  }

  #watch(): void {
    if (this.#isTelling || !this.#isOverdue || this.#loss().length === 0) return
    this.#isTelling = true
    // Decided when its turn to be written comes: the router may be back by then.
    this.#journal
      .write(() => (this.#isOverdue ? this.#loss() : []), this.#signal)
      .catch(() => undefined)
      .finally(() => {
        this.#isTelling = false
      })
  }

  #loss(): RouterEvent[] {
    const link = this.#view.link()
    if (link === undefined || !isToBeSaid(link)) return []
    return [{ type: 'RouterLost', data: { namespace: this.#view.namespace, reason: this.#reason } }]
  }

  close(): void {
    this.#timer.cancel()
    this.#activity.isConnected = false
  }
}
