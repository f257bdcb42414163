import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { first } from '../../lib/first.ts'
import { appendInGroups } from '../append-groups.ts'
import {
  type AppendResult,
  type Batch,
  type EventMark,
  type EventStore,
  type EventToAppend,
  type ReadAllOptions,
  type ReadStreamOptions,
  type StoreCorrupted,
  type StoredEvent,
  StoreInUse,
  StoreUnavailable,
  type StreamAppend,
  type SubscribeOptions,
} from '../event-store.ts'
import { AppendQueue } from './append-queue.ts'
import { describeError, isBusy } from './errors.ts'
import { type Access, EventTable } from './events-table.ts'
import { SqliteLog } from './log.ts'
import { readAll, readStream } from './read.ts'
import { subscription } from './subscription.ts'

interface SqliteOptions {
  /** Created if missing. */
  readonly file: string
  readonly now?: () => Date
  readonly access?: Access
  readonly onWriteFailure?: (error: Error) => void
  readonly onWritable?: () => void
}

/** @throws StoreInUse if another process writes the file */
export const openSqliteEventStore = (options: SqliteOptions): EventStore => {
  const { file, access = 'write' } = options
  try {
    return new SqliteEventStore(new SqliteLog(new EventTable(file, access)), options)
  } catch (error) {
    if (isBusy(error)) throw new StoreInUse(`${file} is in use by another process: stop that process first`)
    throw new StoreUnavailable(`${file} cannot be opened: ${describeError(error)}`, { cause: error })
  }
}

class SqliteEventStore implements EventStore {
  readonly isShared = false
  readonly #log: SqliteLog
  readonly #queue: AppendQueue

  constructor(
    log: SqliteLog,
    { now = () => new Date(), onWriteFailure = () => undefined, onWritable = () => undefined }: SqliteOptions,
  ) {
    this.#log = log
    this.#queue = new AppendQueue(log, { now, onWriteFailure, onWritable })
  }

  get readOnlyReason(): string | undefined {
    return this.#queue.failure
  }

  append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    return this.#queue.append(stream, expectedRevision, events)
  }

  readonly appendAll = (appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> =>
    this.#queue.appendAll(appends)

  appendInOrder(appends: AsyncIterable<StreamAppend>): Promise<void> {
    return appendInGroups(this, appends)
  }

  readStream(stream: string, options: ReadStreamOptions = {}): AsyncIterable<RecordedEvent> {
    return readStream(this.#log, stream, options)
  }

  readAll(options: ReadAllOptions = {}): AsyncIterable<StoredEvent> {
    return readAll(this.#log, options)
  }

  async *check(): AsyncIterable<StoreCorrupted> {
    this.#log.assertOpen()
    yield* this.#log.table.check()
  }

  async *subscribe(options: SubscribeOptions): AsyncIterable<Batch> {
    this.#log.assertOpen()
    yield* subscription(this.#log, options)
  }

  async holds({ stream, revision, id }: EventMark): Promise<boolean> {
    const event = await first(this.readStream(stream, { from: revision, limit: 1 }))
    return event?.id === id
  }

  async ping(): Promise<void> {
    this.#log.assertOpen()
  }

  async close(): Promise<void> {
    if (this.#log.closed.aborted) return
    this.#queue.close()
    this.#log.close()
  }
}
