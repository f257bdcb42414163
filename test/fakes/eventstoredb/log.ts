import { type Limits, StreamHistory } from './stream-history.ts'

/** An event as the log stores it, in bytes. */
export interface LogRecord extends ProposedEvent {
  readonly position: number
  readonly stream: string
  readonly revision: number
  readonly createdMs: number
}

export interface ProposedEvent {
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly data: Uint8Array
  readonly metadata: Uint8Array
}

export type ExpectedRevision = number | 'any' | 'no_stream' | 'stream_exists'

type AppendOutcome =
  | { readonly kind: 'success'; readonly revision: number; readonly position: number }
  | { readonly kind: 'wrong-expected-version'; readonly actual: number | 'no_stream' }
  | { readonly kind: 'deleted' }
  /** It repeats an append that is not committed: the server drops it, and expects another attempt. */
  | { readonly kind: 'dropped' }

/** Bytes of a record beside its payload, so that positions look like byte offsets. */
const RECORD_OVERHEAD = 120

/** The revision of a tombstone: the largest signed 64-bit number. */
const TOMBSTONE_REVISION = 2 ** 63

/** A deleted stream that may continue is truncated before this revision, the largest possible. */
const DELETED = `{"$tb":${2n ** 63n - 1n}}`

const METADATA = /^\$\$(.+)/

/** The transaction log of a node, which survives the server. */
export class EventLog {
  readonly records: LogRecord[] = []
  readonly #streams = new Map<string, StreamHistory>()
  readonly #listeners = new Set<() => void>()
  /** The last record of each uncommitted append. */
  readonly #uncommitted = new Set<LogRecord>()
  #end = 0
  #indexedTo = Number.POSITIVE_INFINITY

  constructor() {
    this.#write('$epoch-information', [systemEvent('$epoch-information')])
    this.#write('$$$settings', [systemEvent('$metadata')])
    this.#write('$users', [systemEvent('$UserCreated')])
  }

  /** The position of the next record. */
  get end(): number {
    return this.#end
  }

  stream(name: string): StreamHistory | undefined {
    return this.#streams.get(name)
  }

  append(stream: string, expected: ExpectedRevision, events: readonly ProposedEvent[]): AppendOutcome {
    const history = this.#streams.get(stream)
    if (history?.tombstoned) return { kind: 'deleted' }
    const known = history?.alreadyAppended(expected, events)
    if (known && this.#uncommitted.has(known)) return { kind: 'dropped' }
    if (known) return { kind: 'success', revision: known.revision, position: known.position }
    if (!agrees(expected, history) || history?.knowsFirstOf(expected, events)) {
      const actual = history === undefined || history.last < 0 ? 'no_stream' : history.last
      return { kind: 'wrong-expected-version', actual }
    }
    if (events.length === 0) return { kind: 'success', revision: history?.last ?? -1, position: this.#end }
    const goesOnFrom = history?.softDeleted ? history.last + 1 : undefined
    const last = this.#write(stream, events)
    if (goesOnFrom !== undefined) this.#describe(stream, `{"$tb":${goesOnFrom}}`)
    this.#uncommitted.add(last)
    setImmediate(() => this.#uncommitted.delete(last))
    return { kind: 'success', revision: last.revision, position: last.position }
  }

  /** Forgets the ids of appends without expected revision, as the server does when it restarts. */
  forgetIds(): void {
    for (const history of this.#streams.values()) history.forgetIds()
  }

  /** Hides the events of a stream; its revisions continue. */
  softDelete(stream: string): void {
    this.#describe(stream, DELETED)
  }

  #describe(stream: string, metadata: string): void {
    this.#write(`$$${stream}`, [systemEvent('$metadata', metadata)])
  }

  /** Scavenges hidden events. Not while the log is read. */
  scavenge(): void {
    const kept = this.records.filter(record => !this.#streams.get(record.stream)?.isWaste(record))
    this.records.splice(0, Number.POSITIVE_INFINITY, ...kept)
  }

  /** Restores the log to an earlier end. Not while the log is read. */
  putBack(position: number): void {
    while ((this.records.at(-1)?.position ?? 0) > position) {
      const last = this.records.pop()!
      this.#streams.get(last.stream)?.takeBack()
      this.#end = last.position
    }
  }

  /** Limits reads to this position; undefined removes the limit. */
  indexUpTo(position = Number.POSITIVE_INFINITY): void {
    this.#indexedTo = position
    for (const listener of this.#listeners) listener()
  }

  isIndexed(record: LogRecord): boolean {
    return record.position <= this.#indexedTo
  }

  /** Tombstones a stream. */
  tombstone(stream: string): void {
    const [record] = this.#record(stream, TOMBSTONE_REVISION, [systemEvent('$streamDeleted')])
    this.#history(stream).tombstone(record!)
  }

  /** Appends a system event, as the server does regularly. */
  writeSystemEvents(count: number): void {
    this.#write(
      '$stats-127.0.0.1:2113',
      Array.from({ length: count }, () => systemEvent('$statsCollected')),
    )
  }

  /** The index of the record at a position. The server accepts only positions of records. */
  indexOf(position: number): number {
    const index = this.#placeOf(position)
    if (this.records[index]?.position === position || index === this.records.length) return index
    throw new Error(`no record begins at ${position}`)
  }

  #placeOf(position: number): number {
    let low = 0
    let high = this.records.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.records[middle]!.position < position) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Resolves at the next append, or when the signal aborts. */
  grown(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const done = () => {
        this.#listeners.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#listeners.add(done)
      signal.addEventListener('abort', done)
    })
  }

  #write(stream: string, events: readonly ProposedEvent[]): LogRecord {
    const history = this.#history(stream)
    const written = this.#record(stream, history.last + 1, events)
    for (const record of written) history.add(record)
    const [, described] = METADATA.exec(stream) ?? []
    if (described !== undefined) this.#history(described).limit(limitsIn(written.at(-1)!))
    return written.at(-1)!
  }

  #record(stream: string, firstRevision: number, events: readonly ProposedEvent[]): LogRecord[] {
    const createdMs = Math.max(Date.now(), this.records.at(-1)?.createdMs ?? 0)
    const written = events.map((event, index) => {
      const record = { ...event, stream, revision: firstRevision + index, position: this.#end, createdMs }
      this.#end += RECORD_OVERHEAD + event.data.length + event.metadata.length
      return record
    })
    this.records.push(...written)
    for (const listener of this.#listeners) listener()
    return written
  }

  #history(stream: string): StreamHistory {
    const history = this.#streams.get(stream) ?? new StreamHistory()
    this.#streams.set(stream, history)
    return history
  }
}

const agrees = (expected: ExpectedRevision, history: StreamHistory | undefined): boolean => {
  if (expected === 'any') return true
  if (expected === 'stream_exists') return history?.isThere === true
  if (expected === 'no_stream') return !history?.isThere
  return history !== undefined && history.last === expected
}

const limitsIn = ({ data }: LogRecord): Limits => JSON.parse(new TextDecoder().decode(data)) as Limits

const systemEvent = (type: string, data = '{}'): ProposedEvent => ({
  id: crypto.randomUUID(),
  type,
  contentType: 'application/json',
  data: new TextEncoder().encode(data),
  metadata: new Uint8Array(),
})
