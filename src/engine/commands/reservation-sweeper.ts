import type { OpenClaim, OpenDetour } from '../../../projections/endpoint-claims.ts'
import { HarkError } from '../../../schemas/errors.ts'
import { listenerStream } from '../../../schemas/events/streams.ts'
import { StoreUnavailable } from '../../event-store/event-store.ts'
import type { Logger } from '../../lib/logger.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { Detours } from './detours.ts'
import type { EndpointReservations } from './endpoint-reservations.ts'
import { systemCaller } from './event-metadata.ts'

const SWEEP_MS = 1000
/** Longer than any command takes between its two appends, so that an engine that is alive finishes its own. */
const ABANDONED_MS = 5000

interface ClaimKeeperOptions {
  readonly models: ReadModels
  readonly endpoints: EndpointReservations
  readonly detours: Detours
  readonly logger: Logger
}

/** Finishes claims whose maker died before it could: what it began becomes whole, be it this engine's or another's. */
export class ReservationSweeper {
  readonly #models: ReadModels
  readonly #endpoints: EndpointReservations
  readonly #detours: Detours
  readonly #logger: Logger
  readonly #firstSeen = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined
  #closed = false

  constructor({ models, endpoints, detours, logger }: ClaimKeeperOptions) {
    this.#models = models
    this.#endpoints = endpoints
    this.#detours = detours
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
    const open = this.#open()
    for (const id of this.#firstSeen.keys()) if (!open.has(id)) this.#firstSeen.delete(id)
    for (const [id, { stream, finish }] of open) {
      const since = this.#firstSeen.get(id) ?? now
      this.#firstSeen.set(id, since)
      if (since === DONE || now - since < olderThanMs) continue
      try {
        const isFinished = await finish()
        this.#firstSeen.set(id, DONE)
        if (isFinished) this.#logger.info({ stream }, 'finished a change that was left half done')
      } catch (error) {
        if (isOutage(error)) return
        // Whatever is wrong with one claim, the others are to be finished.
        this.#firstSeen.set(id, DONE)
        this.#logger.error({ error, stream }, 'a change that was left half done cannot be finished')
      }
    }
  }

  /** By an id, what may need to be finished. */
  #open(): Map<string, HalfDone> {
    const { open, detours } = this.#models.serving.endpointClaims.tables
    // To make way is nobody's wish: what was not begun of that is left.
    const wished = [...open.rows()].filter(({ detour }) => detour === undefined)
    const claims = wished.map((row): [string, HalfDone] => [
      claimId(row),
      { stream: row.claim.stream, finish: () => this.#endpoints.settle(row.claim) },
    ])
    const ways = Array.from(detours.rows(), ({ namespace, name, detour }: OpenDetour): [string, HalfDone] => {
      const stream = listenerStream(namespace, name)
      const finish = () => this.#detours.end(namespace, name, detour, systemCaller()).then(() => true)
      return [`${stream} ${JSON.stringify(detour)}`, { stream, finish }]
    })
    return new Map([...claims, ...ways])
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#sweeping
  }
}

/** A claim that came to nothing stays open until its stream moves on; it is tried once. */
const DONE = Number.POSITIVE_INFINITY

const claimId = ({ stream, claim }: OpenClaim): string => `${stream} ${claim.events[0]?.id}`

interface HalfDone {
  readonly stream: string
  /** False where it can no longer be finished. */
  finish(): Promise<boolean>
}

const isOutage = (error: unknown): boolean =>
  error instanceof StoreUnavailable || (error instanceof HarkError && error.code === 'UNAVAILABLE')
