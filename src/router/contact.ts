import type { RouterJournal } from '../engine/router-journal.ts'
import type { SiteView } from '../engine/site-view.ts'
import type { Activity } from './activity.ts'

const WATCH_MS = 250

/** Since when the router has not been heard of, and the word of it once that is longer than the grace period. */
export class Contact {
  readonly #view: SiteView
  readonly #journal: RouterJournal
  readonly #activity: Activity
  readonly #graceMs: number
  readonly #signal: AbortSignal
  readonly #timer: NodeJS.Timeout
  #heardAt = performance.now()
  #reason = 'no connection yet'
  #isTelling = false

  constructor(view: SiteView, journal: RouterJournal, activity: Activity, graceMs: number, signal: AbortSignal) {
    this.#view = view
    this.#journal = journal
    this.#activity = activity
    this.#graceMs = graceMs
    this.#signal = signal
    this.#timer = setInterval(() => this.#watch(), WATCH_MS).unref()
  }

  /** In milliseconds of the process's clock. */
  get heardAt(): number {
    return this.#heardAt
  }

  heard(): void {
    this.#heardAt = performance.now()
    this.#activity.isConnected = true
  }

  lost(reason: string): void {
    this.#activity.isConnected = false
    this.#reason = reason
  }

  /** The time during which this engine might not drive says nothing of the router. */
  resume(): void {
    this.#heardAt = performance.now()
  }

  #watch(): void {
    if (this.#activity.isConnected || this.#isTelling || performance.now() - this.#heardAt < this.#graceMs) return
    const link = this.#view.link()
    if (link?.connection !== 'Connected' && link?.message !== 'Connecting') return
    this.#isTelling = true
    const { namespace } = this.#view
    this.#journal
      .write([{ type: 'RouterLost', data: { namespace, reason: this.#reason } }], this.#signal)
      .catch(() => undefined)
      .finally(() => {
        this.#isTelling = false
      })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#activity.isConnected = false
  }
}
