import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { createLru } from '../../lib/lru.ts'
import { NO_STREAM, StoreCorrupted, StoreUnavailable } from '../event-store.ts'
import type { EventTable, WrittenEvent } from './events-table.ts'
import { everyStream, type Matches, PAGE, type Page } from './read-page.ts'
import { TailCache } from './tail-cache.ts'

/**
 * A commit writes every page that it touches, and the stream index touches one page a stream. So it is written for about a
 * thousand events at a time; until then, and after a crash, the events themselves give what it lacks.
 */
const INDEX_BATCH = 1024
const CACHED_REVISIONS = 100_000

/** The log of one file, and what of it is in memory: its end, its latest events and the last revisions of streams. */
export class SqliteLog {
  readonly table: EventTable
  readonly #tail = new TailCache()
  readonly #revisions = createLru<string, number>(CACHED_REVISIONS)
  readonly #closing = new AbortController()
  #head: Position
  #lastTime: string
  #corruption: StoreCorrupted | undefined
  #changed = Promise.withResolvers<void>()

  /** Reads what the stream index lacks: a crash loses the index of the latest events, never the events. */
  constructor(table: EventTable) {
    this.table = table
    const { position, time } = table.end()
    this.#head = position
    this.#lastTime = time
    const indexed = table.indexedPosition()
    if (indexed > position) {
      this.#corruption = cutOff(position + 1)
      // A reader that gets this far meets the gap.
      this.#head = indexed
    }
    for (let at = indexed; at < this.#head && this.#corruption === undefined; ) {
      try {
        const page = table.page(at, this.#head, PAGE, everyStream)
        this.#tail.add(page.events)
        at = page.last
      } catch (error) {
        if (!(error instanceof StoreCorrupted)) throw error
        this.#corruption = error
      }
      this.writeIndex()
    }
  }

  /** The position of the last event. */
  get head(): Position {
    return this.#head
  }

  /** No later event is recorded at an earlier time. */
  get lastTime(): string {
    return this.#lastTime
  }

  /** What is wrong where the log should end: nothing can be appended to it. */
  get corruption(): StoreCorrupted | undefined {
    return this.#corruption
  }

  /** Resolves when events were appended, or `wake` was called. */
  get changed(): Promise<void> {
    return this.#changed.promise
  }

  get closed(): AbortSignal {
    return this.#closing.signal
  }

  /** @throws StoreUnavailable if it is closed */
  assertOpen(): void {
    if (this.#closing.signal.aborted) throw new StoreUnavailable('the event store is closed')
  }

  readonly wake = (): void => {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /**
   * Commits events that follow the last one.
   *
   * @param time which later events are not to go behind
   * @throws if it fails, in which case they may be in the file or not
   */
  insert(written: readonly WrittenEvent[], time: string): void {
    const [only] = written
    if (written.length === 1 && only !== undefined) this.table.insert(only)
    else this.table.insertAll(written)
    this.#add(written.map(({ event }) => event))
    this.#lastTime = time
    this.wake()
  }

  /** Takes in what a failed commit left in the file all the same. @throws if the file cannot be read */
  reload(): void {
    const { position, time } = this.table.end()
    if (position < this.#head) this.#corruption = cutOff(position + 1)
    while (this.#head < position) {
      this.#add(this.table.page(this.#head, position, PAGE, everyStream).events)
      this.#lastTime = time
    }
    this.wake()
  }

  #add(events: readonly RecordedEvent[]): void {
    this.#tail.add(events)
    for (const { stream, revision, position } of events) {
      this.#revisions.set(stream, revision)
      this.#head = position
    }
  }

  /** The last revision of a stream; NO_STREAM if there is none. */
  revisionOf(stream: string): number {
    const cached = this.#revisions.get(stream)
    if (cached !== undefined) return cached
    const revision = this.#tail.unindexedOf(stream).at(-1)?.revision ?? this.table.streamRevision(stream) ?? NO_STREAM
    this.#revisions.set(stream, revision)
    return revision
  }

  /** Events of a stream from a revision on, inclusive; fewer than `limit` at its end. */
  streamPage(stream: string, from: number, direction: 'forward' | 'backward', limit: number): RecordedEvent[] {
    const unindexed = this.#tail.unindexedOf(stream)
    if (direction === 'forward') {
      const page = this.table.streamPage(stream, from, direction, limit)
      return [...page, ...unindexed.filter(({ revision }) => revision >= from).slice(0, limit - page.length)]
    }
    const page = unindexed
      .filter(({ revision }) => revision <= from)
      .reverse()
      .slice(0, limit)
    return page.length === limit
      ? page
      : [...page, ...this.table.streamPage(stream, from, direction, limit - page.length)]
  }

  /** Events after a position, from memory if they are there. */
  pageAfter(after: Position, matches: Matches): Pick<Page, 'events' | 'last'> {
    const recent = this.#tail.after(after, PAGE)
    if (recent === undefined) return this.table.page(after, this.#head, PAGE, matches)
    return { events: recent.filter(({ stream }) => matches(stream)), last: recent.at(-1)?.position ?? after }
  }

  get isIndexDue(): boolean {
    return this.#tail.unindexedCount >= INDEX_BATCH
  }

  writeIndex(): void {
    try {
      this.table.writeIndex(this.#tail.unindexed())
      this.#tail.markIndexed()
    } catch {
      // The index is derived: what it lacks stays in memory, and is written with the next thousand or after a restart.
    }
  }

  close(): void {
    this.writeIndex()
    this.#closing.abort()
    this.wake()
    this.table.close()
  }
}

const cutOff = (position: Position): StoreCorrupted =>
  new StoreCorrupted({ position }, 'the event was written, and is missing')
