import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DomainEvent } from '../../schemas/events/events.ts'
import { TOKENS_STREAM } from '../../schemas/events/streams.ts'
import { schemaVersion } from '../../schemas/events/upcast.ts'
import { type EventStore, type EventToAppend, NO_STREAM, WrongExpectedRevision } from '../event-store/event-store.ts'

type TokenEvent = DomainEvent<'TokenCreated' | 'TokenRevoked' | 'TokenRefused'>

/** A token as it is kept, without what would let anybody in. */
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

export interface TokenEventLogOptions {
  readonly store: EventStore
  /** The tokens there are and were, as they are kept now. */
  readonly tokens: () => readonly TokenRecord[]
  readonly logger: Logger
  readonly everyMs?: number
  /** Who shows wrong tokens on purpose is not to fill the log: refusals are one event in this time, with how many there were. */
  readonly refusalsEveryMs?: number
}

const EVERY_MS = 1000
const REFUSALS_EVERY_MS = 60_000
/** How long the end of an engine may wait for the store. */
const CLOSING_MS = 1000
/** Of more addresses than that, the attempts are counted together. */
const MOST_ADDRESSES = 20
const AT_ONCE = 100
const MAX_ATTEMPTS = 50

/**
 * Writes down which tokens were made, revoked and refused. Tokens are made by a command that needs no engine: what it did is
 * found in the file, by comparison with what the stream says already, when an engine starts and for as long as it runs.
 */
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
  #trouble: string | undefined

  constructor(options: TokenEventLogOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => void this.#write(), this.#options.everyMs ?? EVERY_MS).unref()
    void this.#write()
  }

  /** A token was shown, and not taken. */
  recordRefusal(address: string): void {
    const attempts = this.#attempts.get(address)
    if (attempts !== undefined || this.#attempts.size < MOST_ADDRESSES) this.#attempts.set(address, (attempts ?? 0) + 1)
    else this.#otherAttempts += 1
  }

  /** What the store does not take in time is found in the file at the next start; the last refusals are lost. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.race([this.#writeRest(), sleep(CLOSING_MS, undefined, { ref: false })])
  }

  async #writeRest(): Promise<void> {
    await this.#writing
    if (this.#trouble !== undefined) return
    this.#refusalsAt = Number.NEGATIVE_INFINITY
    await this.#write()
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeNews()
      .then(() => {
        this.#trouble = undefined
      })
      .catch((error: Error) => {
        if (error.message !== this.#trouble)
          this.#options.logger.error({ error }, 'what became of tokens could not be written down')
        this.#trouble = error.message
      })
      .finally(() => {
        this.#writing = undefined
      })
    return this.#writing
  }

  async #writeNews(): Promise<void> {
    if (!this.#isRead) await this.#read()
    for (let attempt = 1; ; attempt++) {
      const refusals = this.#refusals()
      const events = [...this.#changes(), ...refusals]
      if (events.length === 0) return
      try {
        await this.#append(events.slice(0, AT_ONCE))
        if (refusals.length > 0 && events.length <= AT_ONCE) this.#forgetRefusals(refusals[0] as TokenEvent)
        if (events.length <= AT_ONCE) return
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === MAX_ATTEMPTS) throw error
        // Another engine of this store has written: what it has of the same tokens is not written twice.
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

  /** Those that were written; others may have come meanwhile. */
  #forgetRefusals({ data }: TokenEvent): void {
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
  metadata: { actor: 'agent', correlationId: randomUUID(), schemaVersion: schemaVersion(type), via: 'agent' },
})
