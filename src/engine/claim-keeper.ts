import { StoreUnavailable } from '../store/event-store.ts'
import type { Endpoints } from './endpoints.ts'
import type { Logger } from './logger.ts'
import type { ReadModels } from './read-models.ts'

const SWEEP_MS = 1000
/** Longer than any command takes between its two appends, so that an engine that is alive finishes its own. */
const ABANDONED_MS = 5000

/** Finishes claims whose maker died before it could: what it began becomes whole, be it this engine's or another's. */
export class ClaimKeeper {
  readonly #models: ReadModels
  readonly #endpoints: Endpoints
  readonly #logger: Logger
  readonly #firstSeen = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined
  #closed = false

  constructor(models: ReadModels, endpoints: Endpoints, logger: Logger) {
    this.#models = models
    this.#endpoints = endpoints
    this.#logger = logger
  }

  /** Claims that are open before this engine has made any were left by one that died: they are finished at once. */
  async start(): Promise<void> {
    await this.#sweepAlone(0)
    if (!this.#closed) this.#timer = setInterval(() => void this.#sweepAlone(ABANDONED_MS), SWEEP_MS).unref()
  }

  /** Unless another is under way: in an outage each takes long. */
  #sweepAlone(olderThanMs: number): Promise<void> {
    this.#sweeping ??= this.#sweep(olderThanMs)
      .catch(error => this.#logger.error({ error }, 'claims could not be looked through: trying again'))
      .finally(() => {
        this.#sweeping = undefined
      })
    return this.#sweeping
  }

  async #sweep(olderThanMs: number): Promise<void> {
    const now = performance.now()
    const open = new Map([...this.#models.serving.endpointClaims.tables.open.rows()].map(row => [claimId(row), row]))
    for (const id of this.#firstSeen.keys()) if (!open.has(id)) this.#firstSeen.delete(id)
    for (const [id, { claim }] of open) {
      const since = this.#firstSeen.get(id) ?? now
      this.#firstSeen.set(id, since)
      if (since === SETTLED || now - since < olderThanMs) continue
      try {
        const isFinished = await this.#endpoints.settle(claim)
        this.#firstSeen.set(id, SETTLED)
        if (isFinished) this.#logger.info({ stream: claim.stream }, 'finished a change that was left half done')
      } catch (error) {
        if (error instanceof StoreUnavailable) return
        // Whatever is wrong with one claim, the others are to be finished.
        this.#firstSeen.set(id, SETTLED)
        this.#logger.error({ error, stream: claim.stream }, 'a change that was left half done cannot be finished')
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#sweeping
  }
}

/** A claim that came to nothing stays open until its stream moves on; it is tried once. */
const SETTLED = Number.POSITIVE_INFINITY

const claimId = (row: {
  readonly stream: string
  readonly claim: { readonly events: readonly { readonly id: string }[] }
}): string => `${row.stream} ${row.claim.events[0]?.id}`
