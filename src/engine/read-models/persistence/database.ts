import { rmSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { BEGINNING, type Position, type RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import { openPrivate } from '../../../lib/sqlite-file.ts'
import { schemaFaults } from '../../../lib/sqlite-schema.ts'
import { fromLines } from './row-lines.ts'

const SCHEMA_VERSION = 4
/** What a write touches is touched again by the next one. */
const CACHE_KB = 8000
/** Of 4 KB. */
const CHECKPOINT_PAGES = 8000
/** A table or a column is missing, where what is prepared is always the same. */
const SQLITE_ERROR = 1
const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_NOT_A_DATABASE = 26

const SCHEMA = `
  CREATE TABLE models (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    versions_to INTEGER NOT NULL,
    PRIMARY KEY (name, version)
  ) STRICT;
  CREATE TABLE rows (
    model TEXT NOT NULL,
    "table" TEXT NOT NULL,
    key TEXT NOT NULL,
    row TEXT NOT NULL,
    PRIMARY KEY (model, "table", key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE last_events (
    of TEXT PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    id TEXT NOT NULL,
    time TEXT NOT NULL
  ) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`

/** A projection in one of its versions. */
export interface ModelId {
  readonly name: string
  readonly version: number
}

/** What tells one log from another: an event, where it stands, and when it was recorded. */
export type LastEvent = Pick<RecordedEvent, 'stream' | 'revision' | 'id' | 'time'>

export interface Checkpoint extends ModelId {
  /** Up to where the rows go. */
  readonly position: Position
  /** Up to where the versions of rows go: as far as the rows, or further. */
  readonly versionsTo: Position
}

/** A checkpoint without a position says nothing new of rows. */
export type NewCheckpoint = Omit<Checkpoint, 'position'> & Partial<Checkpoint>

/** What is written at a time: versions of rows alone, or rows as well. */
export type Part = 'rows' | 'versions'

export interface Progress {
  readonly part: Part
  readonly checkpoints: readonly NewCheckpoint[]
  readonly lastEvent: LastEvent | undefined
  readonly remove: readonly ModelId[]
}

/** What the rows of a read model stand under. */
export const modelKey = ({ name, version }: ModelId): string => `${name}@${version}`

/** The database is not what was written to it. All of it can be made anew from the log. */
export class ReadModelsDamaged extends Error {
  override readonly name = 'ReadModelsDamaged'

  constructor(file: string, options?: ErrorOptions) {
    super(`${file} is damaged: delete it, and it is made anew from the log at the next start`, options)
  }
}

/** Whether what SQLite says is that the file is damaged. Its extended codes say more in their higher bytes. */
export const isDamage = (errcode: number | undefined): boolean =>
  errcode !== undefined && [SQLITE_CORRUPT, SQLITE_NOT_A_DATABASE].includes(errcode & 0xff)

/** While nobody has it open. */
export const removeReadModels = (file: string): void => {
  for (const part of ['', '-wal', '-shm']) rmSync(`${file}${part}`, { force: true })
}

/** What SQLite says of a file names neither the file nor what to do about it. */
export const openError = (file: string, error: Error & { readonly errcode?: number }): Error => {
  const { errcode } = error
  if (errcode === undefined) return error
  if (errcode === SQLITE_ERROR || isDamage(errcode)) return new ReadModelsDamaged(file, { cause: error })
  return errcode === SQLITE_BUSY
    ? new Error(`${file} is in use by another process: each engine has read models of its own`)
    : new Error(`${file} cannot be opened: ${error.message}`, { cause: error })
}

const open = (file: string): DatabaseSync => {
  const database = openPrivate(file)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    // A page that changes several times between two checkpoints is written to its place once.
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA cache_size = -${CACHE_KB}`)
    // Takes the lock.
    database.exec('BEGIN IMMEDIATE; COMMIT')
    return database
  } catch (error) {
    database.close()
    throw openError(file, error as Error & { readonly errcode?: number })
  }
}

/** Opens a database of this layout. One of another layout is replaced by an empty one: the log holds all of it. */
const openCurrent = (
  file: string,
  schema: string,
  mayChange: boolean,
): { database: DatabaseSync; isReplaced: boolean } => {
  const database = open(file)
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version === SCHEMA_VERSION) return { database, isReplaced: false }
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
  if (mayChange && isEmpty) {
    database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`)
    return { database, isReplaced: false }
  }
  database.close()
  if (!mayChange) throw new Error(`${file} is of another version of Hark: it is built anew at the next start`)
  removeReadModels(file)
  return { ...openCurrent(file, schema, true), isReplaced: true }
}

/**
 * The read models as they are written down: rows and positions move in one transaction, so that after a crash the log is
 * taken up exactly where the rows stand. The file can be deleted whenever Hark is not running: the log tells it all again.
 * For the same reason a commit does not wait for the disk.
 */
export class ReadModelDatabase {
  /** The file had another layout, of another version of Hark, and was removed. */
  readonly isReplaced: boolean
  protected readonly database: DatabaseSync
  readonly #schema: string
  readonly #put: StatementSync
  readonly #delete: StatementSync
  readonly #get: StatementSync
  readonly #checkpoint: StatementSync
  protected isUncommitted = false

  /**
   * @param file a path, created if missing; one process has it open at a time
   * @param moreTables statements that create further tables
   * @param mayChange false rejects a file of another layout instead of replacing it
   */
  constructor(file: string, moreTables: string, mayChange: boolean) {
    this.#schema = `${SCHEMA} ${moreTables}`
    const { database, isReplaced } = openCurrent(file, this.#schema, mayChange)
    this.database = database
    this.isReplaced = isReplaced
    try {
      this.#put = this.database.prepare(
        'INSERT INTO rows VALUES (?, ?, ?, ?) ON CONFLICT (model, "table", key) DO UPDATE SET row = excluded.row',
      )
      this.#delete = this.database.prepare('DELETE FROM rows WHERE model = ? AND "table" = ? AND key = ?')
      this.#get = this.database.prepare('SELECT row FROM rows WHERE model = ? AND "table" = ? AND key = ?')
      this.#checkpoint = this.database.prepare(
        `INSERT INTO models VALUES (:name, :version, coalesce(:position, ${BEGINNING}), :versionsTo) ON CONFLICT (name, version)
         DO UPDATE SET position = coalesce(:position, position), versions_to = :versionsTo`,
      )
    } catch (error) {
      this.database.close()
      throw openError(file, error as Error & { readonly errcode?: number })
    }
  }

  /** Begins a transaction; what was begun before and not committed is as if it had never been. */
  begin(): void {
    // On a full disk SQLite takes back by itself what was begun.
    if (this.database.isTransaction) this.database.exec('ROLLBACK')
    this.database.exec('BEGIN IMMEDIATE')
    this.isUncommitted = true
  }

  commit(): void {
    this.database.exec('COMMIT')
    this.isUncommitted = false
  }

  /** The last event that the rows, or their versions, were made from; undefined where there is none yet. */
  lastEvent(of: Part): LastEvent | undefined {
    const found = this.database.prepare('SELECT stream, revision, id, time FROM last_events WHERE of = ?').get(of)
    return found as LastEvent | undefined
  }

  /** Within the transaction that puts the rows or versions. */
  setLastEvent(of: Part, { stream, revision, id, time }: LastEvent): void {
    this.database
      .prepare('INSERT OR REPLACE INTO last_events VALUES (?, ?, ?, ?, ?)')
      .run(of, stream, revision, id, time)
  }

  /** Every version of every projection that there are rows of, the newest first. */
  checkpoints(): Checkpoint[] {
    const rows = this.database
      .prepare('SELECT name, version, position, versions_to AS versionsTo FROM models ORDER BY name, version DESC')
      .all()
    return rows as unknown as Checkpoint[]
  }

  /** Every row of a read model, by table and key. */
  rows(model: ModelId): Iterable<readonly [table: string, key: string, row: string]> {
    const rows = this.database.prepare('SELECT "table", key, row FROM rows WHERE model = ?')
    rows.setReturnArrays(true)
    return rows.iterate(modelKey(model)) as unknown as Iterable<[string, string, string]>
  }

  /** What is there besides its tables, or is not as it was made, in words. */
  schemaFaults(): string[] {
    return schemaFaults(this.database, this.#schema)
  }

  /** Of which read models there are rows, by `modelKey`. */
  rowModels(): string[] {
    return this.database
      .prepare('SELECT DISTINCT model FROM rows')
      .all()
      .map(({ model }) => model as string)
  }

  row(model: ModelId, table: string, key: string): string | undefined {
    return this.#get.get(modelKey(model), table, key)?.row as string | undefined
  }

  /** Puts a row, given as JSON, or removes it where it is undefined. Within a transaction. */
  put(model: ModelId, table: string, key: string, row: string | undefined): void {
    if (row === undefined) this.#delete.run(modelKey(model), table, key)
    else this.#put.run(modelKey(model), table, key, row)
  }

  /** Puts rows of `toLines`. Within a transaction. */
  putLines(model: ModelId, table: string, lines: string): void {
    for (const [key, row] of fromLines(lines)) this.put(model, table, key, row)
  }

  /** Ends a transaction with the progress that it makes, and removes read models. */
  commitProgress({ part, checkpoints, lastEvent, remove }: Progress): void {
    for (const checkpoint of checkpoints) this.checkpoint(checkpoint)
    if (lastEvent !== undefined) {
      this.setLastEvent('versions', lastEvent)
      if (part === 'rows') this.setLastEvent('rows', lastEvent)
    }
    for (const model of remove) this.remove(model)
    this.commit()
  }

  /** Tells how far the rows of a read model and their versions go. Within the transaction that puts them. */
  checkpoint({ name, version, position, versionsTo }: NewCheckpoint): void {
    this.#checkpoint.run({ name, version, position: position ?? null, versionsTo })
  }

  /** Removes a read model. Within a transaction. */
  remove(model: ModelId): void {
    this.database.prepare('DELETE FROM rows WHERE model = ?').run(modelKey(model))
    this.database.prepare('DELETE FROM models WHERE name = ? AND version = ?').run(model.name, model.version)
  }

  /** Forgets all rows: they were made from another log. */
  startOver(): void {
    this.begin()
    this.clear()
    this.commit()
  }

  protected clear(): void {
    this.database.exec('DELETE FROM models; DELETE FROM rows; DELETE FROM last_events')
  }

  get isOpen(): boolean {
    return this.database.isOpen
  }

  close(): void {
    this.database.close()
  }
}
