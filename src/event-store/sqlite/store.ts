import { setImmediate as tick } from 'node:timers/promises'
import { BEGINNING, formatPosition, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { first } from '../../lib/first.ts'
import {
  AnotherLog,
  type AppendResult,
  AppendTooLarge,
  type Batch,
  type EventMark,
  type EventStore,
  type EventToAppend,
  MAX_APPEND_BYTES,
  NO_STREAM,
  type ReadAllOptions,
  type ReadStreamOptions,
  StoreCorrupted,
  type StoredEvent,
  StoreInUse,
  StoreUnavailable,
  type SubscribeOptions,
  WrongExpectedRevision,
} from '../event-store.ts'
import { streamFilter } from '../stream-filter.ts'
import { checkAppend } from '../validate-append.ts'
import { describeError, isBusy } from './errors.ts'
import { type Access, EventTable, type WrittenEvent } from './events-table.ts'
import { TailCache } from './tail-cache.ts'
import { WriteHealth } from './write-health.ts'

const PAGE = 1000
/**
 * A commit writes every page that it touches, and an index of streams touches one page a stream. So the index is brought
 * up to date a thousand events at a time; until then, and over a crash, the log itself tells what it lacks.
 */
const INDEX_BATCH = 1024
/** So many appends share a commit at the most that any of them waits for. */
const FULL_GROUP = 256
const KNOWN_REVISIONS = 100_000

interface PendingAppend {
  readonly stream: string
  readonly expected: number
  readonly events: readonly { readonly event: EventToAppend; readonly data: string; readonly metadata: string }[]
  resolve(result: AppendResult): void
  reject(error: Error): void
}

export interface SqliteOptions {
  /** A path; the file is made where it is not there. One process has it at a time. */
  readonly file: string
  readonly now?: () => Date
  /** By default to write. */
  readonly access?: Access
  /** Told of every write that fails, with what SQLite says of it. */
  readonly onWriteFailure?: (error: Error) => void
  /** Told when writes succeed again. */
  readonly onWritable?: () => void
}

const ignore = (): void => undefined
const jsonOf = ({ data, metadata }: EventToAppend) => ({
  data: JSON.stringify(data),
  metadata: JSON.stringify(metadata),
})

const everyStream = (): boolean => true

/**
 * Opens the log in a file of SQLite's.
 *
 * @throws StoreInUse where another process has it
 * @throws StoreUnavailable where it cannot be opened
 */
export const openSqliteEventStore = (options: SqliteOptions): EventStore => {
  const { file, access = 'write' } = options
  try {
    const table = new EventTable(file, access)
    if (access === 'write' || table.indexedPosition() >= table.end().position)
      return new SqliteEventStore(table, options)
    table.close()
    return new SqliteEventStore(indexed(options), options)
  } catch (error) {
    if (isBusy(error)) throw new StoreInUse(`${file} is in use by another process: one engine has it at a time`)
    throw new StoreUnavailable(`${file} cannot be opened: ${describeError(error)}`, { cause: error })
  }
}

/** To read a stream takes its index: a crash, or somebody, may have left one that lacks much. */
const indexed = (options: SqliteOptions): EventTable => {
  const { file } = options
  try {
    // Whoever opens it to write brings it up to date.
    void new SqliteEventStore(new EventTable(file), { file }).close()
  } catch (error) {
    if (isBusy(error)) throw error
    // On a disk that takes nothing, what the index lacks is kept in memory.
  }
  return new EventTable(file, 'read')
}

class SqliteEventStore implements EventStore {
  readonly isShared = false
  readonly #table: EventTable
  readonly #now: () => Date
  readonly #recent = new TailCache()
  readonly #revisions = new Map<string, number>()
  readonly #closing = new AbortController()
  readonly #writability: WriteHealth
  #pending: PendingAppend[] = []
  #head: Position
  #lastTime: string
  /** A write failed in a way that does not tell whether it is there. */
  #isUnsettled = false
  /** What was found where the end of the log should be: nothing can be added to it. */
  #damage: StoreCorrupted | undefined
  #wake: PromiseWithResolvers<void> = Promise.withResolvers()

  constructor(
    table: EventTable,
    { now = () => new Date(), onWriteFailure = ignore, onWritable = ignore }: SqliteOptions,
  ) {
    this.#table = table
    this.#now = now
    const { position, time } = table.end()
    this.#head = position
    this.#lastTime = time
    this.#writability = new WriteHealth({
      tryToWrite: () => table.tryToWrite(),
      onFailure: onWriteFailure,
      onRecovery: onWritable,
    })
    this.#recoverIndex()
  }

  get readOnlyReason(): string | undefined {
    return this.#damage?.message ?? this.#writability.reason
  }

  /** A crash loses the index of the latest events, never the events. */
  #recoverIndex(): void {
    const indexed = this.#table.indexedPosition()
    if (indexed > this.#head) {
      this.#damage = cutOff(this.#head + 1)
      // Whoever reads that far is to come upon it.
      this.#head = indexed
    }
    for (let at = indexed; at < this.#head && this.#damage === undefined; ) {
      try {
        const page = this.#table.page(at, this.#head, PAGE, everyStream)
        this.#recent.add(page.events)
        at = page.last
      } catch (error) {
        if (!(error instanceof StoreCorrupted)) throw error
        this.#damage = error
      }
      this.#writeIndex()
    }
  }

  async append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    this.#assertOpen()
    checkAppend(stream, events)
    let size = 0
    const written = events.map(event => {
      const { data, metadata } = event.json ?? jsonOf(event)
      size += Buffer.byteLength(data) + Buffer.byteLength(metadata)
      return { event, data, metadata }
    })
    if (size > MAX_APPEND_BYTES) throw new AppendTooLarge(stream)
    const { promise, resolve, reject } = Promise.withResolvers<AppendResult>()
    if (this.#pending.length === 0) setImmediate(() => this.#commitWhenAllAreHere(1))
    this.#pending.push({ stream, expected: expectedRevision, events: written, resolve, reject })
    return promise
  }

  /** Where callers come in over many connections, a turn of the event loop brings some: as long as each brings more, wait. */
  #commitWhenAllAreHere(before: number): void {
    const { length } = this.#pending
    if (length > before && length < FULL_GROUP) setImmediate(() => this.#commitWhenAllAreHere(length))
    else this.#commitPending()
  }

  /** Group commit: every append that came since the last turn of the event loop shares one transaction. */
  #commitPending(): void {
    const pending = this.#pending
    this.#pending = []
    try {
      if (this.#isUnsettled) this.#settle()
    } catch (error) {
      this.#refuse(pending, error as Error)
      return
    }
    if (this.#damage !== undefined) {
      this.#refuse(pending, this.#damage)
      return
    }
    const staged = new Map<string, { readonly append: PendingAppend; readonly written: readonly WrittenEvent[] }>()
    const later: PendingAppend[] = []
    const time = this.#nextTime()
    let position = this.#head
    for (const append of pending) {
      if (staged.has(append.stream)) {
        later.push(append)
        continue
      }
      const actual = this.#currentRevision(append)
      if (actual === undefined) continue
      if (append.events.length === 0) append.resolve({ revision: actual, position: this.#head })
      else {
        const written = append.events.map(({ event, data, metadata }, index) => {
          position += 1
          const { stream, expected } = append
          const { id, type, data: value, metadata: about } = event
          const recorded = { id, type, data: value, metadata: about, time: event.time ?? time }
          return { event: { ...recorded, position, stream, revision: expected + 1 + index }, data, metadata }
        })
        staged.set(append.stream, { append, written })
      }
    }
    if (staged.size > 0) this.#commit([...staged.values()], time)
    if (later.length > 0) {
      this.#pending = [...later, ...this.#pending]
      this.#commitPending()
    }
  }

  #commit(
    staged: readonly { readonly append: PendingAppend; readonly written: readonly WrittenEvent[] }[],
    time: string,
  ): void {
    const written = staged.flatMap(({ written }) => written)
    try {
      const [only] = written
      if (written.length === 1 && only !== undefined) this.#table.insert(only)
      else this.#table.insertAll(written)
    } catch (error) {
      this.#recoverFrom(error as Error, staged)
      return
    }
    this.#writability.succeeded()
    this.#head += written.length
    this.#lastTime = time
    this.#recent.add(written.map(({ event }) => event))
    for (const { append, written } of staged) this.#remember(append.stream, append.expected + written.length)
    this.#wakeSubscribers()
    for (const { append, written } of staged) {
      append.resolve({
        revision: append.expected + written.length,
        position: written.at(-1)?.event.position as Position,
      })
    }
    if (this.#recent.unindexedCount >= INDEX_BATCH) this.#writeIndex()
  }

  #refuse(appends: readonly PendingAppend[], cause: Error): void {
    const reason = cause instanceof StoreCorrupted ? 'the event log is damaged' : describeError(cause)
    for (const { reject } of appends)
      reject(new StoreUnavailable(`the event store could not write: ${reason}`, { cause }))
  }

  /** Nothing of a failed commit is there, and the next may succeed; but what the file says counts. */
  #recoverFrom(error: Error, staged: readonly { readonly append: PendingAppend }[]): void {
    this.#writability.failed(error)
    this.#isUnsettled = true
    try {
      this.#settle()
    } catch {
      // It is tried again before anything else is written.
    }
    this.#refuse(
      staged.map(({ append }) => append),
      error,
    )
  }

  /** Takes in what a write that was told to have failed has left all the same. @throws where the file cannot be read */
  #settle(): void {
    const { position, time } = this.#table.end()
    if (position < this.#head) this.#damage = cutOff(position + 1)
    while (this.#head < position) {
      const page = this.#table.page(this.#head, position, PAGE, everyStream)
      this.#recent.add(page.events)
      for (const { stream, revision } of page.events) this.#remember(stream, revision)
      this.#head = page.last
      this.#lastTime = time
    }
    this.#isUnsettled = false
    this.#wakeSubscribers()
  }

  /** Of the stream of an append that is as expected; else the append is answered. */
  #currentRevision(append: PendingAppend): number | undefined {
    try {
      const actual = this.#revisionOf(append.stream)
      if (actual === append.expected) return actual
      this.#settleUnexpected(append, actual)
    } catch (error) {
      this.#refuse([append], error as Error)
    }
    return undefined
  }

  /** The same ids at the same place are the same append again; anything else is a conflict. */
  #settleUnexpected(append: PendingAppend, actual: number): void {
    const { stream, expected, events } = append
    const there = actual > expected ? this.#streamPage(stream, expected + 1, 'forward', events.length) : []
    const isRepeated =
      there.length === events.length && there.every((event, index) => event.id === events[index]?.event.id)
    const last = there.at(-1)
    if (isRepeated && last !== undefined) append.resolve({ revision: last.revision, position: last.position })
    else append.reject(new WrongExpectedRevision(stream, expected, actual))
  }

  #writeIndex(): void {
    try {
      this.#table.writeIndex(this.#recent.unindexed())
      this.#recent.markIndexed()
    } catch {
      // The index is derived: what it lacks stays in memory, and is written with the next thousand or after a restart.
    }
  }

  #revisionOf(stream: string): number {
    const known = this.#revisions.get(stream)
    if (known !== undefined) return known
    const revision =
      this.#recent.unindexedOf(stream).at(-1)?.revision ?? this.#table.streamRevision(stream) ?? NO_STREAM
    this.#remember(stream, revision)
    return revision
  }

  #remember(stream: string, revision: number): void {
    if (this.#revisions.size >= KNOWN_REVISIONS) this.#revisions.clear()
    this.#revisions.set(stream, revision)
  }

  /** A clock that is set back does not take the log back with it. */
  #nextTime(): string {
    const time = this.#now().toISOString()
    if (time > this.#lastTime) return time
    return this.#lastTime
  }

  #wakeSubscribers(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  #streamPage(stream: string, from: number, direction: 'forward' | 'backward', limit: number): RecordedEvent[] {
    const unindexed = this.#recent.unindexedOf(stream)
    if (direction === 'forward') {
      const page = this.#table.streamPage(stream, from, direction, limit)
      return [...page, ...unindexed.filter(({ revision }) => revision >= from).slice(0, limit - page.length)]
    }
    const page = unindexed
      .filter(({ revision }) => revision <= from)
      .reverse()
      .slice(0, limit)
    return page.length === limit
      ? page
      : [...page, ...this.#table.streamPage(stream, from, direction, limit - page.length)]
  }

  async *readStream(stream: string, options: ReadStreamOptions = {}): AsyncIterable<RecordedEvent> {
    const { direction = 'forward', limit = Number.POSITIVE_INFINITY } = options
    const step = direction === 'forward' ? 1 : -1
    let from = options.from ?? (direction === 'forward' ? 0 : Number.MAX_SAFE_INTEGER)
    let expected = direction === 'forward' ? from : undefined
    for (let left = limit; left > 0; ) {
      this.#assertOpen()
      const wanted = Math.min(PAGE, left)
      const page = this.#streamPage(stream, from, direction, wanted)
      for (const event of page) {
        expected ??= event.revision
        if (event.revision !== expected) throw lost(stream, expected)
        yield event
        expected += step
      }
      const last = page.at(-1)
      if (last === undefined || page.length < wanted) {
        if (direction === 'backward' && expected !== undefined && expected >= 0) throw lost(stream, expected)
        return
      }
      left -= page.length
      from = last.revision + step
    }
  }

  async *readAll(options: ReadAllOptions = {}): AsyncIterable<StoredEvent> {
    const { direction = 'forward', limit = Number.POSITIVE_INFINITY, prefixes, withJson } = options
    const matches = streamFilter(prefixes)
    const to = this.#head
    let from =
      direction === 'forward'
        ? Math.max(options.from ?? BEGINNING, BEGINNING)
        : Math.min(options.from ?? to + 1, to + 1)
    for (let left = limit; left > 0; ) {
      this.#assertOpen()
      const page =
        direction === 'forward'
          ? this.#table.page(from, to, PAGE, matches, withJson)
          : this.#table.pageBackward(from, PAGE, matches)
      yield* page.events.slice(0, left)
      if (page.atEnd) return
      left -= page.events.length
      from = page.last
      await tick()
    }
  }

  async *check(): AsyncIterable<StoreCorrupted> {
    this.#assertOpen()
    yield* this.#table.check()
  }

  async *subscribe({ after, prefixes, signal }: SubscribeOptions): AsyncIterable<Batch> {
    this.#assertOpen()
    if (after > this.#head)
      throw new AnotherLog({ position: this.#head }, `the log ends here, and was read up to ${formatPosition(after)}`)
    const matches = streamFilter(prefixes)
    const ended = AbortSignal.any([signal, this.#closing.signal])
    ended.addEventListener('abort', () => this.#wakeSubscribers(), { once: true })
    let position = Math.max(after, BEGINNING)
    let toldLive = false
    while (!ended.aborted) {
      const wake = this.#wake.promise
      if (position >= this.#head && toldLive) {
        await wake
        continue
      }
      const batch = this.#nextBatch(position, matches)
      position = batch.position
      toldLive = batch.live
      yield batch
      // A long way to catch up is no reason to keep the process from anything else.
      if (!batch.live) await tick()
    }
  }

  #nextBatch(after: Position, matches: (stream: string) => boolean): Batch {
    const recent = this.#recent.after(after, PAGE)
    if (recent === undefined) {
      const page = this.#table.page(after, this.#head, PAGE, matches)
      return { events: page.events, position: page.last, live: page.last >= this.#head }
    }
    const position = recent.at(-1)?.position ?? after
    return { events: recent.filter(({ stream }) => matches(stream)), position, live: position >= this.#head }
  }

  async holds({ stream, revision, id }: EventMark): Promise<boolean> {
    return (await first(this.readStream(stream, { from: revision, limit: 1 })))?.id === id
  }

  async ping(): Promise<void> {
    this.#assertOpen()
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new StoreUnavailable('the event store is closed')
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#commitPending()
    this.#writeIndex()
    this.#writability.close()
    this.#closing.abort()
    this.#wakeSubscribers()
    this.#table.close()
  }
}

const lost = (stream: string, revision: number): StoreCorrupted =>
  new StoreCorrupted({ stream, revision }, 'the event is missing')

const cutOff = (position: Position): StoreCorrupted =>
  new StoreCorrupted({ position }, 'the event was written, and is missing')
