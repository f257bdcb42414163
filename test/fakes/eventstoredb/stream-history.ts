import type { ExpectedRevision, LogRecord, ProposedEvent } from './log.ts'

/** Stream metadata that hides events. */
export interface Limits {
  readonly $tb?: number
  readonly $maxCount?: number
}

/** The events of one stream, and the appends that wrote them. */
export class StreamHistory {
  readonly #records: LogRecord[] = []
  readonly #revisionOf = new Map<string, number>()
  #limits: Limits = {}
  #tombstone: LogRecord | undefined

  get last(): number {
    return this.#records.length - 1
  }

  get first(): LogRecord {
    return this.#records[0]!
  }

  get isThere(): boolean {
    return this.#records.length > 0 && !this.softDeleted
  }

  get softDeleted(): boolean {
    return (this.#limits.$tb ?? 0) > Number.MAX_SAFE_INTEGER
  }

  get #firstVisible(): number {
    const { $tb = 0, $maxCount = Number.POSITIVE_INFINITY } = this.#limits
    return Math.max($tb, this.#records.length - $maxCount)
  }

  limit(limits: Limits): void {
    this.#limits = limits
  }

  /** Returns what a scavenge removes: all hidden events but the last one, or the tombstone. */
  isWaste(record: LogRecord): boolean {
    if (this.#tombstone !== undefined) return record !== this.#tombstone
    return record.revision < Math.min(this.#firstVisible, this.last)
  }

  /** Removes the last event. */
  takeBack(): void {
    const last = this.#records.pop()
    if (last !== undefined) this.#revisionOf.delete(last.id)
  }

  add(record: LogRecord): void {
    this.#records.push(record)
    this.#revisionOf.set(record.id, record.revision)
  }

  forgetIds(): void {
    this.#revisionOf.clear()
  }

  get tombstoned(): boolean {
    return this.#tombstone !== undefined
  }

  tombstone(record: LogRecord): void {
    this.#tombstone = record
  }

  /** Yields visible events from a revision on, in either direction. */
  *visible(from: number | 'start' | 'end', step: 1 | -1): Iterable<LogRecord> {
    const begin = from === 'start' ? 0 : from === 'end' ? this.last : from
    const first = step === 1 ? Math.max(begin, this.#firstVisible) : Math.min(begin, this.last)
    for (let revision = first; revision >= this.#firstVisible && revision <= this.last; revision += step) {
      yield this.#records[revision]!
    }
  }

  /** Returns the last event of an earlier append of the same events at the same revision. */
  alreadyAppended(expected: ExpectedRevision, events: readonly ProposedEvent[]): LogRecord | undefined {
    if (events.length === 0) return undefined
    const first = this.#wouldBegin(expected, events)
    if (first === undefined) return undefined
    const same = events.every((event, index) => this.#holds(event.id, first + index))
    return same ? this.#records[first + events.length - 1] : undefined
  }

  /** Whether only some of the events are stored: neither a repetition nor a new append. */
  knowsFirstOf(expected: ExpectedRevision, events: readonly ProposedEvent[]): boolean {
    const isOpen = expected === 'any' || expected === 'stream_exists'
    return isOpen && events.length > 0 && this.#revisionOf.has(events[0]!.id)
  }

  #wouldBegin(expected: ExpectedRevision, events: readonly ProposedEvent[]): number | undefined {
    if (expected === 'no_stream') return 0
    if (typeof expected === 'number') return expected + 1
    return this.#revisionOf.get(events[0]!.id)
  }

  #holds(id: string, revision: number): boolean {
    return this.#records[revision]?.id === id
  }
}
