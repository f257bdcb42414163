import type { OpenClaim, OpenDetour } from '../../../projections/endpoint-claims.ts'
import { HarkError } from '../../../schemas/errors.ts'
import { StoreUnavailable } from '../../event-store/event-store.ts'
import type { Logger } from '../../lib/logger.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { EndpointDetours } from './endpoint-detours.ts'
import type { EndpointReservations } from './endpoint-reservations.ts'
import { systemCaller } from './event-metadata.ts'

const SWEEP_MS = 1000
/** Longer than between a command's two appends, which a running engine completes itself. */
const ABANDONED_MS = 5000

interface ReservationSweeperOptions {
  readonly models: ReadModels
  readonly endpoints: EndpointReservations
  readonly detours: EndpointDetours
  readonly logger: Logger
}

interface Unfinished {
  readonly stream: string
  /** Returns false if completion is no longer possible. */
  complete(): Promise<boolean>
}

/** A failed claim stays open until its stream moves on. */
const DONE = Number.POSITIVE_INFINITY

export class ReservationSweeper {
  readonly #models: ReadModels
  readonly #endpoints: EndpointReservations
  readonly #detours: EndpointDetours
  readonly #logger: Logger
  readonly #firstSeen = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined
  #isClosed = false

  constructor({ models, endpoints, detours, logger }: ReservationSweeperOptions) {
    this.#models = models
    this.#endpoints = endpoints
    this.#detours = detours
    this.#logger = logger
  }

  async start(): Promise<void> {
    await this.#sweepOnce(0)
    if (!this.#isClosed) this.#timer = setInterval(() => void this.#sweepOnce(ABANDONED_MS), SWEEP_MS).unref()
  }

  #sweepOnce(olderThanMs: number): Promise<void> {
    this.#sweeping ??= this.#sweep(olderThanMs)
      .catch(error => this.#logger.error({ error }, 'cannot check endpoint reservations: trying again'))
      .finally(() => {
        this.#sweeping = undefined
      })
    return this.#sweeping
  }

  async #sweep(olderThanMs: number): Promise<void> {
    const now = performance.now()
    const open = this.#open()
    for (const id of this.#firstSeen.keys()) if (!open.has(id)) this.#firstSeen.delete(id)
    for (const [id, { stream, complete }] of open) {
      const since = this.#firstSeen.get(id) ?? now
      this.#firstSeen.set(id, since)
      if (since === DONE || now - since < olderThanMs) continue
      try {
        const isCompleted = await complete()
        this.#firstSeen.set(id, DONE)
        if (isCompleted) this.#logger.info({ stream }, 'completed an interrupted change')
      } catch (error) {
        if (isOutage(error)) return
        this.#firstSeen.set(id, DONE)
        this.#logger.error({ error, stream }, 'cannot complete an interrupted change')
      }
    }
  }

  #open(): Map<string, Unfinished> {
    const { open, detours } = this.#models.serving.endpointClaims.tables
    const requested = [...open.rows()].filter(({ detour }) => detour === undefined)
    const claims = requested.map((row): [string, Unfinished] => [
      claimId(row),
      { stream: row.claim.stream, complete: () => this.#endpoints.complete(row.claim) },
    ])
    const begun = detours.sortedKeys().map((stream): [string, Unfinished] => {
      const { namespace, detour } = detours.get(stream) as OpenDetour
      const complete = () => this.#detours.end(stream, namespace, detour, systemCaller()).then(() => true)
      return [`${stream} ${JSON.stringify(detour)}`, { stream, complete }]
    })
    return new Map([...claims, ...begun])
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#sweeping
  }
}

const claimId = ({ stream, claim }: OpenClaim): string => `${stream} ${claim.events[0]?.id}`

const isOutage = (error: unknown): boolean =>
  error instanceof StoreUnavailable || (error instanceof HarkError && error.code === 'UNAVAILABLE')
