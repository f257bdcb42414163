import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type {
  AppendResult,
  Batch,
  EventMark,
  EventStore,
  EventToAppend,
  ReadAllOptions,
  ReadStreamOptions,
  StoreCorrupted,
  StreamAppend,
  SubscribeOptions,
} from '../event-store.ts'
import { append } from './appending/append.ts'
import { appendInOrder } from './appending/append-in-order.ts'
import { SharedTimeout } from './appending/shared-timeout.ts'
import type { CallContext } from './call-context.ts'
import { checkStreams } from './check.ts'
import { type Connection, connect } from './client.ts'
import { closed } from './errors.ts'
import { LagDetector } from './lag-detector.ts'
import { OwnAppends } from './own-appends.ts'
import { readAll, readEnd } from './read-all.ts'
import { readStream } from './read-stream.ts'
import { holds } from './same-log.ts'
import { subscription } from './subscribing/subscription.ts'

const DEFAULT_TIMEOUT_MS = 5_000
const APPEND_ATTEMPTS = 4
/** An election and the indexing of the new leader take seconds. */
const DEFAULT_SETTLE_MS = 60_000

interface EventStoreDbOptions {
  /** `esdb://…` or `esdb+discover://…` */
  readonly connectionString: string
  /** Limit of waiting for a response; default: 5 s. */
  readonly timeoutMs?: number
  /** Time for which a server that returns less than before counts as lagging; default: 60 s. */
  readonly settleMs?: number
  readonly now?: () => number
  readonly onLoss?: (error: unknown) => void
}

/**
 * Supports EventStoreDB 23.10 or later.
 *
 * @throws Error if the connection string is invalid
 */
export const openEventStoreDb = (options: EventStoreDbOptions): EventStore =>
  new EventStoreDbEventStore(connect(options.connectionString), options)

class EventStoreDbEventStore implements EventStore {
  readonly isShared = true
  readonly readOnlyReason = undefined
  readonly #connection: Connection
  readonly #context: CallContext
  readonly #closing = new AbortController()
  readonly #appends = new Set<Promise<unknown>>()
  readonly #onLoss: (error: unknown) => void
  #closed: Promise<void> | undefined

  constructor(connection: Connection, options: EventStoreDbOptions) {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, settleMs = DEFAULT_SETTLE_MS, now = () => performance.now() } = options
    const { client, appends, openRead, sentEvents } = connection
    this.#connection = connection
    const closing = this.#closing.signal
    this.#context = {
      client,
      appends,
      openRead,
      sentEvents,
      timeoutMs,
      appendTimeout: new SharedTimeout(timeoutMs / APPEND_ATTEMPTS),
      settleMs,
      now,
      lagDetector: new LagDetector(),
      ownAppends: new OwnAppends(),
      closing,
    }
    this.#onLoss = options.onLoss ?? (() => {})
  }

  async append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    this.#assertOpen()
    return this.#awaitedAtClose(
      this.#context.ownAppends.during(stream, append(this.#context, stream, expectedRevision, events)),
    )
  }

  async appendInOrder(appends: AsyncIterable<StreamAppend>, after: Position): Promise<void> {
    this.#assertOpen()
    return this.#awaitedAtClose(appendInOrder(this.#context, appends, after))
  }

  async *readStream(stream: string, options: ReadStreamOptions = {}): AsyncIterable<RecordedEvent> {
    this.#assertOpen()
    yield* readStream(this.#context, stream, options)
  }

  async *readAll(options: ReadAllOptions = {}): AsyncIterable<RecordedEvent> {
    this.#assertOpen()
    yield* readAll(this.#context, options)
  }

  async *check(): AsyncIterable<StoreCorrupted> {
    this.#assertOpen()
    yield* checkStreams(this.#context)
  }

  async *subscribe(options: SubscribeOptions): AsyncIterable<Batch> {
    this.#assertOpen()
    const signal = AbortSignal.any([options.signal, this.#closing.signal])
    yield* subscription(this.#context, { ...options, signal }, this.#onLoss)
  }

  holds(mark: EventMark, signal: AbortSignal): Promise<boolean> {
    this.#assertOpen()
    return holds(this.#context, mark, AbortSignal.any([signal, this.#closing.signal]), this.#onLoss)
  }

  async ping(): Promise<void> {
    this.#assertOpen()
    await readEnd(this.#context)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#appends)
    await this.#connection.close()
  }

  async #awaitedAtClose<T>(appending: Promise<T>): Promise<T> {
    this.#appends.add(appending)
    try {
      return await appending
    } finally {
      this.#appends.delete(appending)
    }
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw closed()
  }
}
