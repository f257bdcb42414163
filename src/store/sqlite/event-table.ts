import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { BEGINNING, type EventMetadata, type Position, type RecordedEvent } from '../../../schemas/recorded-event.ts'

const SCHEMA_VERSION = 1

const SCHEMA = `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    time TEXT NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL
  ) STRICT;
  CREATE TABLE stream_index (
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (stream, revision)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE stream_index_progress (position INTEGER NOT NULL) STRICT;
  INSERT INTO stream_index_progress VALUES (0);
  PRAGMA user_version = ${SCHEMA_VERSION};
`

type Row = readonly [number, string, number, string, string, string, string, string]

export interface Page {
  readonly events: RecordedEvent[]
  /** Of the last row looked at, whether it matched or not; where the next page begins. */
  readonly last: Position
  readonly atEnd: boolean
}

const toEvent = ([position, stream, revision, id, type, time, data, metadata]: Row): RecordedEvent => ({
  position,
  stream,
  revision,
  id,
  type,
  time,
  data: JSON.parse(data),
  metadata: JSON.parse(metadata) as EventMetadata,
})

const COLUMNS = 'e.position, e.stream, e.revision, e.id, e.type, e.time, e.data, e.metadata'

/** An event as its row holds it. */
export interface WrittenEvent {
  readonly event: RecordedEvent
  readonly data: string
  readonly metadata: string
}

/** The log in SQLite: one row an event, by position, and an index of streams that whoever appends brings up to date. */
export class EventTable {
  readonly #database: DatabaseSync
  readonly #insert: StatementSync
  readonly #insertIndex: StatementSync
  readonly #indexProgress: StatementSync
  readonly #forward: StatementSync
  readonly #backward: StatementSync
  readonly #streamForward: StatementSync
  readonly #streamBackward: StatementSync
  readonly #streamRevision: StatementSync

  /** @param file a path, made where it is not there; it is this process's alone until it is closed */
  constructor(file: string) {
    this.#database = new DatabaseSync(file)
    try {
      // Exclusive: a second engine on the same file is refused, instead of deciding on a state that is not its own.
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      this.#database.exec('PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000')
      this.#migrate(file)
      const rows = (sql: string): StatementSync => {
        const statement = this.#database.prepare(sql)
        statement.setReturnArrays(true)
        return statement
      }
      this.#insert = this.#database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      this.#insertIndex = this.#database.prepare('INSERT INTO stream_index VALUES (?, ?, ?)')
      this.#indexProgress = this.#database.prepare('UPDATE stream_index_progress SET position = position + ?')
      this.#forward = rows(
        `SELECT ${COLUMNS} FROM events e WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`,
      )
      this.#backward = rows(`SELECT ${COLUMNS} FROM events e WHERE position < ? ORDER BY position DESC LIMIT ?`)
      const indexed = `SELECT ${COLUMNS} FROM stream_index i JOIN events e ON e.position = i.position WHERE i.stream = ?`
      this.#streamForward = rows(`${indexed} AND i.revision >= ? ORDER BY i.revision LIMIT ?`)
      this.#streamBackward = rows(`${indexed} AND i.revision <= ? ORDER BY i.revision DESC LIMIT ?`)
      this.#streamRevision = rows('SELECT max(revision) FROM stream_index WHERE stream = ?')
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  #migrate(file: string): void {
    const version = Number(this.#database.prepare('PRAGMA user_version').get()?.user_version)
    if (version === 0) this.#transaction(() => this.#database.exec(SCHEMA))
    else if (version !== SCHEMA_VERSION) {
      throw new Error(
        `${file} was written by a newer Hark (store version ${version}, this one knows ${SCHEMA_VERSION})`,
      )
    }
    // Takes the lock now rather than at the first append.
    this.#database.exec('BEGIN IMMEDIATE; COMMIT')
  }

  /** Commits what `work` does as one; nothing of it stays where it throws. */
  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  insert({ event, data, metadata }: WrittenEvent): void {
    this.#insert.run(event.position, event.stream, event.revision, event.id, event.type, event.time, data, metadata)
  }

  insertAll(events: readonly WrittenEvent[]): void {
    this.#transaction(() => {
      for (const event of events) this.insert(event)
    })
  }

  /** Files events in the index of streams: the next ones that it lacks, in any order. */
  writeIndex(events: readonly RecordedEvent[]): void {
    if (events.length === 0) return
    this.#transaction(() => {
      for (const { stream, revision, position } of events) this.#insertIndex.run(stream, revision, position)
      this.#indexProgress.run(events.length)
    })
  }

  /** The last event of the log. */
  last(): RecordedEvent | undefined {
    const [row] = this.#backward.all(Number.MAX_SAFE_INTEGER, 1) as unknown as Row[]
    return row && toEvent(row)
  }

  /** The position up to which the index of streams holds every event. */
  indexedPosition(): Position {
    return Number(this.#database.prepare('SELECT position FROM stream_index_progress').get()?.position ?? BEGINNING)
  }

  /** Rows after a position, up to and including another. */
  page(after: Position, to: Position, limit: number, matches: (stream: string) => boolean): Page {
    return this.#page(this.#forward.all(after, to, limit) as unknown as Row[], after, limit, matches)
  }

  /** Rows before a position, the latest first. */
  pageBackward(before: Position, limit: number, matches: (stream: string) => boolean): Page {
    return this.#page(this.#backward.all(before, limit) as unknown as Row[], before, limit, matches)
  }

  #page(rows: Row[], from: Position, limit: number, matches: (stream: string) => boolean): Page {
    const events: RecordedEvent[] = []
    for (const row of rows) if (matches(row[1])) events.push(toEvent(row))
    return { events, last: rows.at(-1)?.[0] ?? from, atEnd: rows.length < limit }
  }

  /** Indexed events of a stream from a revision on, inclusive. */
  streamPage(stream: string, from: number, direction: 'forward' | 'backward', limit: number): RecordedEvent[] {
    const statement = direction === 'forward' ? this.#streamForward : this.#streamBackward
    return (statement.all(stream, from, limit) as unknown as Row[]).map(toEvent)
  }

  /** The last indexed revision of a stream; undefined where none is indexed. */
  streamRevision(stream: string): number | undefined {
    const [revision] = this.#streamRevision.get(stream) as unknown as [number | null]
    return revision ?? undefined
  }

  close(): void {
    this.#database.close()
  }
}
