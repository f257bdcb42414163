import type { DatabaseSync } from 'node:sqlite'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { BulkInsert } from '../../lib/sqlite/bulk-insert.ts'
import { openPrivate, openSnapshot } from '../../lib/sqlite/file.ts'
import type { Hash } from '../hash-chain/event-hash.ts'
import type { NewlyCovered, StreamHead } from './log-digest.ts'

export interface StoredCheckpoint {
  readonly id: string
  readonly revision: number
  readonly events: number
  readonly logHash: Hash
  readonly root: Hash
  /** The last covered event. */
  readonly position: Position
  readonly keyId: string
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS heads (place INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS checkpoint (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL, revision INTEGER NOT NULL, events INTEGER NOT NULL, logHash TEXT NOT NULL, root TEXT NOT NULL,
    position INTEGER NOT NULL, keyId TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS log (one INTEGER PRIMARY KEY CHECK (one = 1), firstEvent TEXT NOT NULL) STRICT;
`

/** Stored beside the log: a restart resumes from it, and a truncated log lacks it. */
export class CheckpointStore {
  readonly #database: DatabaseSync

  constructor(file: string, readOnly = false) {
    this.#database = readOnly ? openSnapshot(file) : openPrivate(file)
    if (readOnly) return
    try {
      this.#prepare()
    } catch (error) {
      this.#database.close()
      throw new Error(`${file} cannot be used: ${(error as Error).message}`, { cause: error })
    }
  }

  #prepare(): void {
    // The log restores lost writes.
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    this.#database.exec(SCHEMA)
  }

  get newest(): StoredCheckpoint | undefined {
    return this.#database
      .prepare('SELECT id, revision, events, logHash, root, position, keyId FROM checkpoint')
      .get() as unknown as StoredCheckpoint | undefined
  }

  /** Identifies the log; undefined in files of older versions. */
  get firstEvent(): string | undefined {
    const hasIt = this.#database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'log'").get() !== undefined
    return hasIt ? (this.#database.prepare('SELECT firstEvent FROM log').get()?.firstEvent as string) : undefined
  }

  saveFirstEvent(id: string): void {
    this.#database.prepare('INSERT OR REPLACE INTO log VALUES (1, ?)').run(id)
  }

  /** In the order of first events. */
  heads(from: number, most: number): StreamHead[] {
    return this.#database
      .prepare('SELECT stream, revision, hash FROM heads WHERE place >= ? ORDER BY place LIMIT ?')
      .all(from, most) as unknown as StreamHead[]
  }

  save(
    { id, revision, events, logHash, root, position, keyId }: StoredCheckpoint,
    entries: NewlyCovered['entries'],
  ): void {
    const heads = new Map(entries.map(entry => [entry.place, entry]))
    // Neighbours share pages.
    const inOrder = [...heads.values()].sort((one, other) => one.place - other.place)
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      new BulkInsert(this.#database, 'INSERT OR REPLACE INTO heads', 4).run(
        inOrder.map(({ place, stream, revision, hash }) => [place, stream, revision, hash]),
      )
      this.#database
        .prepare('INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?, ?, ?, ?, ?)')
        .run(id, revision, events, logHash, root, position, keyId)
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#database.close()
  }
}
