import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { createLru } from '../../lib/lru.ts'
import { NO_STREAM, StoreCorrupted, StoreUnavailable } from '../event-store.ts'
import type { EventTable, WrittenEvent } from './events-table.ts'
import { everyStream, type Matches, PAGE, type Page, toReadError } from './read-page.ts'
import { type Indexed, TailCache } from './tail-cache.ts'

/** A commit writes every page that it touches, and the index touches about one page per stream. */
const INDEX_BATCH = 16_384
const CACHED_REVISIONS = 100_000

export class SqliteLog {
  readonly table: EventTable
  readonly #tail = new TailCache()
  readonly #revisions = createLru<string, number>(CACHED_REVISIONS)
  readonly #closing = new AbortController()
  #head: Position
  #lastTime: string
  #corruption: StoreCorrupted | undefined
  #isIndexUnsettled = false
  #changed = Promise.withResolvers<void>()

  constructor(table: EventTable) {
    this.table = table
    const { position, time } = table.end()
    this.#head = position
    this.#lastTime = time
    const indexed = table.indexedPosition()
    if (indexed > position) {
      this.#corruption = cutOff(position + 1)
      // Lets readers reach the gap.
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

  get head(): Position {
    return this.#head
  }

  /** Minimum for the time of new events, except imported ones. */
  get lastTime(): string {
    return this.#lastTime
  }

  /** Damage at the end of the log prevents appends. */
  get corruption(): StoreCorrupted | undefined {
    return this.#corruption
  }

  get changed(): Promise<void> {
    return this.#changed.promise
  }

  get closed(): AbortSignal {
    return this.#closing.signal
  }

  assertOpen(): void {
    if (this.#closing.signal.aborted) throw new StoreUnavailable('the event store is closed')
  }

  readonly wake = (): void => {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /** @throws if the commit fails; the file may have the events all the same */
  insert(written: readonly WrittenEvent[], time: string): void {
    const [only] = written
    if (written.length === 1 && only !== undefined) this.table.insert(only)
    else this.table.insertAll(written)
    this.#add(written.map(({ event }) => event))
    this.#lastTime = time
    this.wake()
  }

  /** Reads events of a failed commit. @throws if the file cannot be read */
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

  revisionOf(stream: string): number {
    const cached = this.#revisions.get(stream)
    if (cached !== undefined) return cached
    const revision = this.#tail.lastUnindexedRevision(stream) ?? this.table.streamRevision(stream) ?? NO_STREAM
    this.#revisions.set(stream, revision)
    return revision
  }

  streamPage(stream: string, from: number, direction: 'forward' | 'backward', limit: number): RecordedEvent[] {
    this.#settleIndex()
    const unindexed = this.#tail.unindexedOf(stream)
    if (direction === 'forward') {
      const page = this.table.streamPage(stream, from, direction, limit)
      const later = unindexed.filter(({ revision }) => revision >= from).slice(0, limit - page.length)
      return [...page, ...later.map(this.#eventAt)]
    }
    const page = unindexed
      .filter(({ revision }) => revision <= from)
      .reverse()
      .slice(0, limit)
      .map(this.#eventAt)
    return page.length === limit
      ? page
      : [...page, ...this.table.streamPage(stream, from, direction, limit - page.length)]
  }

  readonly #eventAt = ({ position }: Indexed): RecordedEvent =>
    this.#tail.at(position) ?? (this.table.page(position - 1, position, 1, everyStream).events[0] as RecordedEvent)

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
      this.#settleIndex()
      const { firstUnindexed, unindexedCount } = this.#tail
      if (unindexedCount === 0) return
      const last = firstUnindexed + unindexedCount - 1
      this.table.writeIndex(firstUnindexed - 1, last)
      this.#tail.markIndexed(last)
    } catch {
      // The index is derived, and the next write or a restart completes it.
      this.#isIndexUnsettled = true
    }
  }

  /** A commit that failed may have written the index all the same. @throws StoreUnavailable */
  #settleIndex(): void {
    if (!this.#isIndexUnsettled) return
    try {
      this.#tail.markIndexed(this.table.indexedPosition())
    } catch (error) {
      throw toReadError(error)
    }
    this.#isIndexUnsettled = false
  }

  close(): void {
    this.writeIndex()
    this.#closing.abort()
    this.wake()
    this.table.close()
  }
}

const cutOff = (position: Position): StoreCorrupted =>
  new StoreCorrupted({ position }, 'the event was written, but is missing')
