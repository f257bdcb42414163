import { existsSync, rmSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { BEGINNING, type Position } from '../../../../schemas/events/position.ts'
import type { RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import { openPrivate } from '../../../lib/sqlite/file.ts'
import { schemaFaults } from '../../../lib/sqlite/schema.ts'
import {
  KEPT_HISTORY_SCHEMA,
  type KeptHistory,
  readKeptHistory,
  removeKeptHistory,
  writeKeptHistory,
} from './kept-history.ts'
import { fromLines } from './row-lines.ts'

const SCHEMA_VERSION = 5
/** Other versions would take a compacted history for a whole one. */
const COMPACTED_VERSION = 6
/** Other versions would take a history that lacks versions of rows for a whole one. */
const UNFINISHED_VERSION = 7
const CACHE_KB = 8000
/** Rows. */
const PAGE = 1000
/** Pages of 4 KB. */
const CHECKPOINT_PAGES = 8000
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

export interface ModelId {
  readonly name: string
  readonly version: number
}

export type LastEvent = Pick<RecordedEvent, 'stream' | 'revision' | 'id' | 'time'>

export interface Checkpoint extends ModelId {
  readonly position: Position
  /** Position of the history, at or after that of the rows. */
  readonly versionsTo: Position
}

type NewCheckpoint = Omit<Checkpoint, 'position'> & Partial<Checkpoint>

/** `versions` writes the history alone, `rows` both. */
export type Part = 'rows' | 'versions'

export interface Progress {
  readonly part: Part
  readonly checkpoints: readonly NewCheckpoint[]
  readonly lastEvent: LastEvent | undefined
  readonly remove: readonly ModelId[]
}

export const modelKey = ({ name, version }: ModelId): string => `${name}@${version}`

/** The log can rebuild the database. */
export class ReadModelsDamaged extends Error {
  override readonly name = 'ReadModelsDamaged'

  constructor(file: string, options?: ErrorOptions) {
    super(`${file} is damaged: delete it, and the next start rebuilds it from the log`, options)
  }
}

export class ReadModelsInUse extends Error {
  override readonly name = 'ReadModelsInUse'

  constructor(file: string, options?: ErrorOptions) {
    super(`${file} is in use by another process: every engine needs its own data folder`, options)
  }
}

export const isDamage = (errcode: number | undefined): boolean =>
  errcode !== undefined && [SQLITE_CORRUPT, SQLITE_NOT_A_DATABASE].includes(errcode & 0xff)

const besides = (file: string, what: string): string => file.replace(/(\.db)?$/, `.${what}.db`)

export const freshFileOf = (file: string): string => besides(file, 'new')

export const replacedFileOf = (file: string): string => besides(file, 'old')

/** @throws Error if a closed file lacks its last writes: closing reports no full disk */
export const assertWritten = (file: string): void => {
  if (existsSync(`${file}-wal`)) throw new Error(`${file} could not be written completely`)
}

/** The file must not be open. */
export const removeReadModels = (file: string): void => {
  for (const part of ['', '-journal', '-wal', '-shm']) rmSync(`${file}${part}`, { force: true })
}

export const openError = (file: string, error: Error & { readonly errcode?: number }): Error => {
  const { errcode } = error
  if (errcode === undefined) return error
  if (errcode === SQLITE_ERROR || isDamage(errcode)) return new ReadModelsDamaged(file, { cause: error })
  return errcode === SQLITE_BUSY
    ? new ReadModelsInUse(file, { cause: error })
    : new Error(`${file} cannot be opened: ${error.message}`, { cause: error })
}

const open = (file: string): DatabaseSync => {
  const database = openPrivate(file)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA cache_size = -${CACHE_KB}`)
    database.exec('BEGIN IMMEDIATE; COMMIT')
    return database
  } catch (error) {
    database.close()
    throw openError(file, error as Error & { readonly errcode?: number })
  }
}

const openCurrent = (
  file: string,
  schema: string,
  mayChange: boolean,
): { database: DatabaseSync; isReplaced: boolean } => {
  const database = open(file)
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version === SCHEMA_VERSION || version === COMPACTED_VERSION) return { database, isReplaced: false }
  if (version === UNFINISHED_VERSION && mayChange) return { database, isReplaced: false }
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
  if (mayChange && isEmpty) {
    database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`)
    return { database, isReplaced: false }
  }
  database.close()
  if (version === UNFINISHED_VERSION)
    throw new Error(`${file} has no whole history yet: a running engine makes it from the log`)
  if (!mayChange) throw new Error(`${file} was written by another version of Hark: the next start rebuilds it`)
  removeReadModels(file)
  return { ...openCurrent(file, schema, true), isReplaced: true }
}

/**
 * Rows and positions commit together. Commits do not wait for the disk, because the log can rebuild everything. Methods
 * that write run within a transaction.
 */
export class ReadModelDatabase {
  readonly isReplaced: boolean
  protected readonly database: DatabaseSync
  readonly #schema: string
  readonly #put: StatementSync
  readonly #delete: StatementSync
  readonly #get: StatementSync
  readonly #checkpoint: StatementSync
  protected isUncommitted = false

  /** @param file created if missing; opened by one process at a time */
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

  begin(): void {
    // SQLite itself rolls back when the disk is full.
    if (this.database.isTransaction) this.database.exec('ROLLBACK')
    this.database.exec('BEGIN IMMEDIATE')
    this.isUncommitted = true
  }

  commit(): void {
    this.database.exec('COMMIT')
    this.isUncommitted = false
  }

  lastEvent(of: Part): LastEvent | undefined {
    const found = this.database.prepare('SELECT stream, revision, id, time FROM last_events WHERE of = ?').get(of)
    return found as LastEvent | undefined
  }

  setLastEvent(of: Part, { stream, revision, id, time }: LastEvent): void {
    this.database
      .prepare('INSERT OR REPLACE INTO last_events VALUES (?, ?, ?, ?, ?)')
      .run(of, stream, revision, id, time)
  }

  /** Newest version first. */
  checkpoints(): Checkpoint[] {
    const rows = this.database
      .prepare('SELECT name, version, position, versions_to AS versionsTo FROM models ORDER BY name, version DESC')
      .all()
    return rows as unknown as Checkpoint[]
  }

  rows(model: ModelId): Iterable<readonly [table: string, key: string, row: string]> {
    const rows = this.database.prepare('SELECT "table", key, row FROM rows WHERE model = ?')
    rows.setReturnArrays(true)
    return rows.iterate(modelKey(model)) as unknown as Iterable<[string, string, string]>
  }

  /** Reading row by row takes twice as long. */
  *rowsOf(model: ModelId, table: string): Iterable<readonly [key: string, row: string]> {
    const rows = this.database.prepare(
      `SELECT key, row FROM rows WHERE model = ? AND "table" = ? AND key >= ? ORDER BY key LIMIT ${PAGE}`,
    )
    rows.setReturnArrays(true)
    let from = ''
    for (let length = PAGE; length === PAGE; ) {
      const page = rows.all(modelKey(model), table, from) as unknown as [string, string][]
      for (const row of page) yield row
      length = page.length
      // The next text after the last key.
      from = `${page.at(-1)?.[0]}\0`
    }
  }

  schemaFaults(): string[] {
    const more = this.keptHistory() === undefined ? '' : KEPT_HISTORY_SCHEMA
    return schemaFaults(this.database, `${this.#schema} ${more}`)
  }

  keptHistory(): KeptHistory | undefined {
    return readKeptHistory(this.database)
  }

  protected setKeptHistory(kept: KeptHistory): void {
    writeKeptHistory(this.database, kept)
    this.database.exec(`PRAGMA user_version = ${COMPACTED_VERSION}`)
  }

  /** The history lacks versions of rows. */
  get isUnfinished(): boolean {
    return this.database.prepare('PRAGMA user_version').get()?.user_version === UNFINISHED_VERSION
  }

  /** Runs within a transaction. The file stays so until another replaces it. */
  markUnfinished(): void {
    this.database.exec(`PRAGMA user_version = ${UNFINISHED_VERSION}`)
  }

  rowModels(): string[] {
    return this.database
      .prepare('SELECT DISTINCT model FROM rows')
      .all()
      .map(({ model }) => model as string)
  }

  row(model: ModelId, table: string, key: string): string | undefined {
    return this.#get.get(modelKey(model), table, key)?.row as string | undefined
  }

  put(model: ModelId, table: string, key: string, row: string | undefined): void {
    if (row === undefined) this.#delete.run(modelKey(model), table, key)
    else this.#put.run(modelKey(model), table, key, row)
  }

  putLines(model: ModelId, table: string, lines: string): void {
    for (const [key, row] of fromLines(lines)) this.put(model, table, key, row)
  }

  commitProgress({ part, checkpoints, lastEvent, remove }: Progress): void {
    for (const checkpoint of checkpoints) this.checkpoint(checkpoint)
    if (lastEvent !== undefined) {
      this.setLastEvent('versions', lastEvent)
      if (part === 'rows') this.setLastEvent('rows', lastEvent)
    }
    for (const model of remove) this.remove(model)
    this.commit()
  }

  checkpoint({ name, version, position, versionsTo }: NewCheckpoint): void {
    this.#checkpoint.run({ name, version, position: position ?? null, versionsTo })
  }

  remove(model: ModelId): void {
    this.database.prepare('DELETE FROM rows WHERE model = ?').run(modelKey(model))
    this.database.prepare('DELETE FROM models WHERE name = ? AND version = ?').run(model.name, model.version)
  }

  startOver(): void {
    this.begin()
    this.clear()
    this.commit()
  }

  protected clear(): void {
    this.database.exec('DELETE FROM models; DELETE FROM rows; DELETE FROM last_events')
    removeKeptHistory(this.database)
    this.database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
  }

  get isOpen(): boolean {
    return this.database.isOpen
  }

  close(): void {
    this.database.close()
  }
}
