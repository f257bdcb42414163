import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { RouterEventWriter } from '../event-writer.ts'
import type { SiteState } from '../site-state.ts'
import type { Activity } from '../stats.ts'

const WATCH_MS = 250

const isUnreported = ({ connection, message, unobservedSince }: RouterConnection): boolean =>
  connection === 'Connected' || message === 'Connecting' || unobservedSince !== undefined

interface LivenessOptions {
  readonly site: Pick<SiteState, 'namespace' | 'connection'>
  readonly writer: Pick<RouterEventWriter, 'write'>
  readonly activity: Pick<Activity, 'isConnected'>
  readonly graceMs: number
  readonly signal: AbortSignal
  readonly clock: Pick<Clock, 'now' | 'setInterval'>
}

export class RouterLiveness {
  readonly #site: LivenessOptions['site']
  readonly #writer: LivenessOptions['writer']
  readonly #activity: LivenessOptions['activity']
  readonly #graceMs: number
  readonly #signal: AbortSignal
  readonly #clock: LivenessOptions['clock']
  readonly #timer: Timer
  #lostAt: number | undefined
  #reason = 'no connection yet'
  #isWriting = false

  constructor({ site, writer, activity, graceMs, signal, clock }: LivenessOptions) {
    this.#site = site
    this.#writer = writer
    this.#activity = activity
    this.#graceMs = graceMs
    this.#signal = signal
    this.#clock = clock
    this.#lostAt = clock.now()
    this.#timer = clock.setInterval(() => this.#watch(), WATCH_MS)
  }

  /** A time of the clock; a router that returns earlier was not lost. */
  get graceEndsAt(): number {
    return (this.#lostAt ?? this.#clock.now()) + this.#graceMs
  }

  connected(): void {
    this.#lostAt = undefined
    this.#activity.isConnected = true
  }

  /** Failed reconnections do not restart the grace period. */
  disconnected(reason: string): void {
    this.#lostAt ??= this.#clock.now()
    this.#activity.isConnected = false
    this.#reason = reason
  }

  resume(): void {
    this.#lostAt = this.#clock.now()
  }

  get #isOverdue(): boolean {
    return this.#lostAt !== undefined && this.#clock.now() - this.#lostAt >= this.#graceMs
  }

  #watch(): void {
    if (this.#isWriting || !this.#isOverdue || this.#loss().length === 0) return
    this.#isWriting = true
    // The router may be back when it is written.
    this.#writer
      .write(() => (this.#isOverdue ? this.#loss() : []), this.#signal)
      .catch(() => undefined)
      .finally(() => {
        this.#isWriting = false
      })
  }

  #loss(): RouterEvent[] {
    const connection = this.#site.connection()
    if (connection === undefined || !isUnreported(connection)) return []
    return [{ type: 'RouterLost', data: { namespace: this.#site.namespace, reason: this.#reason } }]
  }

  close(): void {
    this.#timer.cancel()
    this.#activity.isConnected = false
  }
}
