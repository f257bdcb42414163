import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AGENT } from '../../schemas/events/agent.ts'
import type { DomainEvent } from '../../schemas/events/events.ts'
import { TOKENS_STREAM } from '../../schemas/events/streams.ts'
import { schemaVersion } from '../../schemas/events/upcast.ts'
import { type EventStore, type EventToAppend, NO_STREAM, WrongExpectedRevision } from '../event-store/event-store.ts'

type TokenEvent = DomainEvent<'TokenCreated' | 'TokenRevoked' | 'TokenRefused'>

export interface TokenRecord {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly createdAt: string
  readonly expiresAt?: string | undefined
  readonly revokedAt?: string | undefined
}

interface Logger {
  error(details: object, message: string): void
}

interface TokenEventLogOptions {
  readonly store: EventStore
  readonly tokens: () => readonly TokenRecord[]
  readonly logger: Logger
  readonly everyMs?: number
  /** One event counts the refusals of an interval: clients cannot fill the log. */
  readonly refusalsEveryMs?: number
}

const EVERY_MS = 1000
const REFUSALS_EVERY_MS = 60_000
const CLOSE_TIMEOUT_MS = 1000
const MAX_ADDRESSES = 20
const MAX_EVENTS = 100
const MAX_ATTEMPTS = 50

/** `hark token` needs no engine, so changes are found by comparing the token file with the stream, at intervals. */
export class TokenEventLog {
  readonly #options: TokenEventLogOptions
  readonly #created = new Set<string>()
  readonly #revoked = new Set<string>()
  #revision = NO_STREAM
  #isRead = false
  #attempts = new Map<string, number>()
  #otherAttempts = 0
  #refusalsAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #lastError: string | undefined

  constructor(options: TokenEventLogOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => void this.#write(), this.#options.everyMs ?? EVERY_MS).unref()
    void this.#write()
  }

  recordRefusal(address: string): void {
    const attempts = this.#attempts.get(address)
    if (attempts !== undefined || this.#attempts.size < MAX_ADDRESSES) this.#attempts.set(address, (attempts ?? 0) + 1)
    else this.#otherAttempts += 1
  }

  /** Changes not accepted in time are found at the next start; the last refusals are lost. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.race([this.#writeLast(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })])
  }

  async #writeLast(): Promise<void> {
    await this.#writing
    if (this.#lastError !== undefined) return
    this.#refusalsAt = Number.NEGATIVE_INFINITY
    await this.#write()
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeNewEvents()
      .then(() => {
        this.#lastError = undefined
      })
      .catch((error: Error) => {
        if (error.message !== this.#lastError)
          this.#options.logger.error({ error }, 'token events could not be appended')
        this.#lastError = error.message
      })
      .finally(() => {
        this.#writing = undefined
      })
    return this.#writing
  }

  async #writeNewEvents(): Promise<void> {
    if (!this.#isRead) await this.#read()
    for (let attempt = 1; ; attempt++) {
      const refusals = this.#refusals()
      const events = [...this.#changes(), ...refusals]
      if (events.length === 0) return
      try {
        await this.#append(events.slice(0, MAX_EVENTS))
        if (refusals.length > 0 && events.length <= MAX_EVENTS) this.#subtractRefusals(refusals[0] as TokenEvent)
        if (events.length <= MAX_EVENTS) return
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === MAX_ATTEMPTS) throw error
        // Another engine appended first: its events must not be written twice.
        await this.#read()
      }
    }
  }

  async #read(): Promise<void> {
    for await (const event of this.#options.store.readStream(TOKENS_STREAM, { from: this.#revision + 1 }))
      this.#note(event as unknown as TokenEvent, event.revision)
    this.#isRead = true
  }

  #note({ type, data }: TokenEvent, revision: number): void {
    if (type === 'TokenCreated') this.#created.add(data.tokenId)
    if (type === 'TokenRevoked') this.#revoked.add(data.tokenId)
    this.#revision = revision
  }

  #changes(): TokenEvent[] {
    return this.#options
      .tokens()
      .flatMap(({ id: tokenId, name, roles, createdAt, expiresAt, revokedAt }): TokenEvent[] => {
        const about = { tokenId, name }
        const made = { ...about, roles: [...roles], createdAt, ...(expiresAt !== undefined && { expiresAt }) }
        return [
          ...(this.#created.has(tokenId) ? [] : [{ type: 'TokenCreated', data: made } as const]),
          ...(revokedAt === undefined || this.#revoked.has(tokenId)
            ? []
            : [{ type: 'TokenRevoked', data: { ...about, revokedAt } } as const]),
        ]
      })
  }

  #refusals(): TokenEvent[] {
    const since = performance.now() - this.#refusalsAt
    if (this.#attempts.size === 0 || since < (this.#options.refusalsEveryMs ?? REFUSALS_EVERY_MS)) return []
    const clients = Array.from(this.#attempts, ([address, attempts]) => ({ address, attempts }))
    return [{ type: 'TokenRefused', data: { clients, otherAttempts: this.#otherAttempts } }]
  }

  #subtractRefusals({ data }: TokenEvent): void {
    this.#refusalsAt = performance.now()
    if (!('clients' in data)) return
    for (const { address, attempts } of data.clients) {
      const left = (this.#attempts.get(address) ?? 0) - attempts
      if (left > 0) this.#attempts.set(address, left)
      else this.#attempts.delete(address)
    }
    this.#otherAttempts -= data.otherAttempts
  }

  async #append(events: readonly TokenEvent[]): Promise<void> {
    const appended = await this.#options.store.append(TOKENS_STREAM, this.#revision, events.map(toAppend))
    for (const [index, event] of events.entries()) this.#note(event, appended.revision - events.length + 1 + index)
  }
}

const toAppend = ({ type, data }: TokenEvent): EventToAppend => ({
  id: randomUUID(),
  type,
  data,
  metadata: { actor: AGENT, correlationId: randomUUID(), schemaVersion: schemaVersion(type), via: 'agent' },
})
