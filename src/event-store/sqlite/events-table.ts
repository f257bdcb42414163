import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  BEGINNING,
  type EventMetadata,
  type Position,
  type RecordedEvent,
} from '../../../schemas/events/recorded-event.ts'
import { BulkInsert } from '../../lib/sqlite/bulk-insert.ts'
import { OPENING_MS, openPrivate, openSnapshot } from '../../lib/sqlite/file.ts'
import { type EventJson, type EventLocation, StoreCorrupted, type StoredEvent } from '../event-store.ts'
import { parseJsonObject } from '../parse-json.ts'
import { checkDatabase } from './check.ts'
import { isCorrupt } from './errors.ts'
import { EVENT_SCHEMA, SCHEMA_VERSION } from './event-schema.ts'
import { type Matches, type Page, pageForward, toPage, toReadError } from './read-page.ts'
import { lockForWriting } from './writer-lock.ts'

const CACHE_KB = 16_384

const openToWrite = (file: string): DatabaseSync => {
  const database = openPrivate(file)
  try {
    database.exec(`PRAGMA busy_timeout = ${OPENING_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`)
    database.exec('PRAGMA wal_autocheckpoint = 4000')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

type Row = readonly [number, string, number, string, string, string, string, string]

/** `read` sees the log as of the opening, while another process may write it. */
export type Access = 'write' | 'read'

const COLUMN_COUNT = 8
/** More than an ordinary command writes. */
const FILLER_BYTES = 65_536

type IndexedRow = readonly [...Row, Position, number]

const isText = (value: unknown): boolean => typeof value === 'string'

/** Without its constraints, a table can hold any value. @throws StoreCorrupted */
const assertEvent = ([position, stream, revision, id, type, time, data, metadata]: Row | IndexedRow): void => {
  const areTexts = isText(stream) && isText(id) && isText(type) && isText(time) && isText(data) && isText(metadata)
  if (!areTexts || !Number.isSafeInteger(revision)) throw new StoreCorrupted({ position }, 'it is not an event')
}

const toEvent = (row: Row | IndexedRow): RecordedEvent => {
  assertEvent(row)
  const [position, stream, revision, id, type, time, data, metadata] = row
  const place = { position, stream, revision }
  return {
    ...place,
    id,
    type,
    time,
    data: parseJsonObject(data, 'data', place),
    metadata: parseJsonObject(metadata, 'metadata', place) as EventMetadata,
  }
}

/** Parses on access only. */
class EventWithJson implements StoredEvent {
  readonly position: Position
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly type: string
  readonly time: string
  readonly json: EventJson

  constructor(row: Row) {
    assertEvent(row)
    const [position, stream, revision, id, type, time, data, metadata] = row
    this.position = position
    this.stream = stream
    this.revision = revision
    this.id = id
    this.type = type
    this.time = time
    this.json = { data, metadata }
  }

  get data(): object {
    return parseJsonObject(this.json.data, 'data', this.#place)
  }

  get metadata(): EventMetadata {
    return parseJsonObject(this.json.metadata, 'metadata', this.#place) as EventMetadata
  }

  get #place(): EventLocation {
    const { position, stream, revision } = this
    return { position, stream, revision }
  }
}

const toStoredEvent = (row: Row): StoredEvent => new EventWithJson(row)

const COLUMNS = 'e.position, e.stream, e.revision, e.id, e.type, e.time, e.data, e.metadata'

export interface WrittenEvent {
  readonly event: RecordedEvent
  readonly data: string
  readonly metadata: string
}

const columnsOf = ({ event: { position, stream, revision, id, type, time }, data, metadata }: WrittenEvent): Row => [
  position,
  stream,
  revision,
  id,
  type,
  time,
  data,
  metadata,
]

export class EventTable {
  readonly #database: DatabaseSync
  readonly #lock: DatabaseSync | undefined
  readonly #insert: BulkInsert
  readonly #insertIndex: StatementSync
  readonly #indexProgress: StatementSync
  readonly #forward: StatementSync
  readonly #backward: StatementSync
  readonly #streamForward: StatementSync
  readonly #streamBackward: StatementSync
  readonly #streamRevision: StatementSync

  constructor(file: string, access: Access = 'write') {
    if (access === 'write') this.#lock = lockForWriting(file)
    try {
      this.#database = access === 'read' ? openSnapshot(file) : openToWrite(file)
    } catch (error) {
      this.#lock?.close()
      throw error
    }
    try {
      this.#database.exec(`PRAGMA cache_size = -${CACHE_KB}`)
      if (access === 'read') this.#expectSchema(file)
      else this.#migrate(file)
      const rows = (sql: string): StatementSync => {
        const statement = this.#database.prepare(sql)
        statement.setReturnArrays(true)
        return statement
      }
      this.#insert = new BulkInsert(this.#database, 'INSERT INTO events', COLUMN_COUNT)
      // Sorted by stream, as neighbours in the index share pages.
      this.#insertIndex = this.#database.prepare(
        `INSERT INTO stream_index SELECT stream, revision, position FROM events WHERE position > ? AND position <= ?
         ORDER BY stream, revision`,
      )
      this.#indexProgress = this.#database.prepare('UPDATE stream_index_progress SET position = position + ?')
      this.#forward = rows(
        `SELECT ${COLUMNS} FROM events e WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`,
      )
      this.#backward = rows(`SELECT ${COLUMNS} FROM events e WHERE position < ? ORDER BY position DESC LIMIT ?`)
      const indexed = `SELECT ${COLUMNS}, i.position, i.revision
        FROM stream_index i LEFT JOIN events e ON e.position = i.position WHERE i.stream = ?`
      this.#streamForward = rows(`${indexed} AND i.revision >= ? ORDER BY i.revision LIMIT ?`)
      this.#streamBackward = rows(`${indexed} AND i.revision <= ? ORDER BY i.revision DESC LIMIT ?`)
      this.#streamRevision = rows('SELECT revision FROM stream_index WHERE stream = ? ORDER BY revision DESC LIMIT 1')
    } catch (error) {
      this.close()
      throw error
    }
  }

  get #version(): number {
    return Number(this.#database.prepare('PRAGMA user_version').get()?.user_version)
  }

  #expectSchema(file: string): void {
    const version = this.#version
    if (version === 0) throw new Error(`${file} is not an event log`)
    if (version !== SCHEMA_VERSION)
      throw new Error(
        `${file} was written by a newer Hark (store version ${version}; this one supports ${SCHEMA_VERSION})`,
      )
  }

  #migrate(file: string): void {
    if (this.#version === 0) this.#transaction(() => this.#database.exec(EVENT_SCHEMA))
    this.#expectSchema(file)
    // Fails early if the disk is read-only, or an older Hark holds the file.
    this.#database.exec('BEGIN IMMEDIATE; COMMIT; PRAGMA busy_timeout = 0')
  }

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

  insert(event: WrittenEvent): void {
    this.#insert.run([columnsOf(event)])
  }

  insertAll(events: readonly WrittenEvent[]): void {
    this.#transaction(() => this.#insert.run(events.map(columnsOf)))
  }

  /** @param after the indexed position */
  writeIndex(after: Position, to: Position): void {
    this.#transaction(() => {
      this.#insertIndex.run(after, to)
      this.#indexProgress.run(to - after)
    })
  }

  /** @throws Error if there is no room for an ordinary command, even if there is for a page */
  tryToWrite(): void {
    try {
      // Pages that do not fit in the cache are written before the commit: a rollback comes after the test for room.
      this.#database.exec(`PRAGMA cache_size = 1; BEGIN IMMEDIATE; CREATE TABLE filler (bytes BLOB NOT NULL) STRICT;
        INSERT INTO filler VALUES (zeroblob(${FILLER_BYTES}))`)
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      this.#database.exec(`PRAGMA cache_size = -${CACHE_KB}`)
    }
    this.#indexProgress.run(0)
  }

  end(): { readonly position: Position; readonly time: string } {
    const [row] = this.#backward.all(Number.MAX_SAFE_INTEGER, 1) as unknown as Row[]
    return row === undefined ? { position: BEGINNING, time: '' } : { position: row[0], time: row[5] }
  }

  indexedPosition(): Position {
    return Number(this.#database.prepare('SELECT position FROM stream_index_progress').get()?.position ?? BEGINNING)
  }

  page(after: Position, to: Position, limit: number, matches: Matches, withJson = false): Page<StoredEvent> {
    const make = withJson ? toStoredEvent : toEvent
    return pageForward({ statement: this.#forward, map: make, matches }, after, to, limit)
  }

  /** @param before at most one after the end of the log */
  pageBackward(before: Position, limit: number, matches: Matches): Page {
    let rows: Row[]
    try {
      rows = this.#backward.all(before, limit) as unknown as Row[]
    } catch (error) {
      if (!isCorrupt(error)) throw toReadError(error)
      if (limit > 1) return this.pageBackward(before, 1, matches)
      throw new StoreCorrupted({ position: before - 1 }, (error as Error).message, { cause: error })
    }
    return toPage(rows, { from: before, step: -1, end: BEGINNING + 1, limit }, { matches, map: toEvent })
  }

  /** Returns indexed events only. @param from inclusive */
  streamPage(stream: string, from: number, direction: 'forward' | 'backward', limit: number): RecordedEvent[] {
    const statement = direction === 'forward' ? this.#streamForward : this.#streamBackward
    try {
      return (statement.all(stream, from, limit) as unknown as IndexedRow[]).map(row => indexedEvent(row, stream))
    } catch (error) {
      if (error instanceof StoreCorrupted) throw error
      if (isCorrupt(error)) throw new StoreCorrupted({ stream }, (error as Error).message, { cause: error })
      throw toReadError(error)
    }
  }

  streamRevision(stream: string): number | undefined {
    const row = this.#streamRevision.get(stream) as unknown as [revision: number] | undefined
    return row?.[0]
  }

  /** Reads many rows in a third of the time, as the file is locked once. */
  inSnapshot<T>(read: () => T): T {
    // A transaction that could not be rolled back fails the write that follows.
    if (this.#database.isTransaction) return read()
    this.#database.exec('BEGIN')
    try {
      return read()
    } finally {
      if (this.#database.isTransaction) this.#database.exec('COMMIT')
    }
  }

  check(): StoreCorrupted[] {
    return checkDatabase(this.#database)
  }

  close(): void {
    this.#database.close()
    this.#lock?.close()
  }
}

const indexedEvent = (row: IndexedRow, stream: string): RecordedEvent => {
  const [position, revision] = [row[8], row[9]]
  if (row[0] === null || position < 1) throw new StoreCorrupted({ position, stream, revision }, 'the event is missing')
  if (row[1] !== stream || row[2] !== revision)
    throw new StoreCorrupted({ position, stream, revision }, 'the stream index leads to another event')
  return toEvent(row)
}
