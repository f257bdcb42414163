import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type {
  AppendResult,
  Batch,
  EventMark,
  EventStore,
  EventToAppend,
  ReadAllOptions,
  ReadStreamOptions,
  StoreCorrupted,
  SubscribeOptions,
} from '../event-store.ts'
import { append } from './append.ts'
import type { CallContext } from './call-context.ts'
import { checkStreams } from './check.ts'
import { type Connection, connect } from './client.ts'
import { closed } from './errors.ts'
import { KnownEnds } from './known-ends.ts'
import { readAll, readEnd } from './read-all.ts'
import { readStream } from './read-stream.ts'
import { holds } from './same-log.ts'
import { subscription } from './subscription.ts'

const DEFAULT_TIMEOUT_MS = 5_000
/** An election and what the new leader has to index take seconds. */
const DEFAULT_SETTLE_MS = 60_000

export interface EventStoreDbOptions {
  /** `esdb://…` or `esdb+discover://…`, with what the client reads from it. */
  readonly connectionString: string
  /** How long an append or a read may go without an answer before it is StoreUnavailable: 5 s unless set. */
  readonly timeoutMs?: number
  /**
   * How long a server that answers with less than was read of it is taken for one that lags; what stays short for longer is
   * another log. A minute unless set.
   */
  readonly settleMs?: number
  /** Milliseconds of a clock that is never set. */
  readonly now?: () => number
  /** Told what a subscription lost the server by, each time. */
  readonly onLoss?: (error: unknown) => void
}

/**
 * Opens a store on EventStoreDB 23.10 or later. It connects when it is first used. Only one at a time in a process: the
 * client keeps what it waits for in one place for all its connections, and a failure of one fails it all.
 *
 * @throws Error for a connection string that cannot be read
 */
export const openEventStoreDb = (options: EventStoreDbOptions): EventStore =>
  new EventStoreDbEventStore(connect(options.connectionString), options)

class EventStoreDbEventStore implements EventStore {
  readonly isShared = true
  /** A server refuses an append when it is sent, and not before. */
  readonly readOnlyReason = undefined
  readonly #connection: Connection
  readonly #context: CallContext
  readonly #closing = new AbortController()
  readonly #appends = new Set<Promise<AppendResult>>()
  readonly #onLoss: (error: unknown) => void
  #closed: Promise<void> | undefined

  constructor(connection: Connection, options: EventStoreDbOptions) {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, settleMs = DEFAULT_SETTLE_MS, now = () => performance.now() } = options
    const { client } = connection
    this.#connection = connection
    this.#context = { client, timeoutMs, settleMs, now, knownEnds: new KnownEnds(), closing: this.#closing.signal }
    this.#onLoss = options.onLoss ?? (() => {})
  }

  async append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    this.#assertOpen()
    const appended = append(this.#context, stream, expectedRevision, events)
    this.#appends.add(appended)
    try {
      return await appended
    } finally {
      this.#appends.delete(appended)
    }
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

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw closed()
  }
}
