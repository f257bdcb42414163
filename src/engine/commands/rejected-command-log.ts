import type { HarkError } from '../../../schemas/errors.ts'
import { REFUSALS_STREAM } from '../../../schemas/events/streams.ts'
import type { EventStore, EventToAppend } from '../../event-store/event-store.ts'
import type { Logger } from '../../lib/logger.ts'
import { throttle } from '../../lib/throttle.ts'
import { AuditStream } from './audit-stream.ts'
import { newEvent } from './event-metadata.ts'
import type { Caller } from './types.ts'

export interface RejectedCommand {
  readonly command: string
  readonly input: Readonly<Record<string, unknown>>
  readonly error: HarkError
  readonly caller: Caller
}

/** Bytes; of larger inputs the size is recorded. */
const MAX_INPUT = 8192
/** Characters; valid names are shorter. */
const MAX_TEXT = 1000
/** This many of the largest events fit in one append. */
const BATCH_SIZE = 25
const MAX_WAITING = 1000
const LOG_INTERVAL_MS = 60_000

interface Waiting {
  readonly event: EventToAppend
  resolve(): void
}

const truncate = (text: string): string => text.slice(0, MAX_TEXT)

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const toEvent = ({ command, input, error, caller }: RejectedCommand): EventToAppend => {
  const bytes = Buffer.byteLength(JSON.stringify(input))
  const [namespace, name] = [textOf(input.namespace), textOf(input.name)]
  const data = {
    command,
    ...(namespace !== undefined && { namespace: truncate(namespace) }),
    ...(name !== undefined && { name: truncate(name) }),
    input: bytes <= MAX_INPUT ? { ...input } : { omittedBytes: bytes },
    code: error.code,
    message: truncate(error.message),
  }
  return newEvent({ type: 'CommandRefused', data }, { caller })
}

export class RejectedCommandLog {
  readonly #stream: AuditStream
  readonly #logLoss: (reason: object) => void
  #lost = 0
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined

  constructor(store: EventStore, logger: Logger) {
    this.#stream = new AuditStream(store, REFUSALS_STREAM)
    this.#logLoss = throttle(LOG_INTERVAL_MS, (reason: object) =>
      logger.error({ ...reason, lost: this.#lost }, 'cannot record rejected commands'),
    )
  }

  /** Resolves once the event is durable, or its loss is logged. */
  async write(command: RejectedCommand): Promise<void> {
    const event = toEvent(command)
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lose(1, { reason: 'too many are waiting for the store' })
      return
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ event, resolve })
    this.#writing ??= this.#write()
    await promise
  }

  #lose(count: number, reason: object): void {
    this.#lost += count
    this.#logLoss(reason)
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH_SIZE)
      try {
        await this.#stream.append(batch.map(({ event }) => event))
      } catch (error) {
        this.#lose(batch.length, { error })
      }
      this.#waiting = this.#waiting.slice(batch.length)
      for (const { resolve } of batch) resolve()
    }
    this.#writing = undefined
  }

  async close(): Promise<void> {
    await this.#writing
  }
}
