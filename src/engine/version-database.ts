import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { patched } from '../../projections/difference.ts'
import type { Position } from '../../schemas/recorded-event.ts'
import { type Filing, MARK, type RowVersion } from './row-versions.ts'

/** After so many differences a row is written whole again: what a look at the past has to put together at most. */
const LONGEST_CHAIN = 16
/** So many keys are remembered with what their next version follows. */
const REMEMBERED_KEYS = 20_000

export const VERSION_SCHEMA = `
  CREATE TABLE version_keys (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    UNIQUE (scope, key)
  ) STRICT;
  CREATE TABLE versions (
    key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    time INTEGER NOT NULL,
    body TEXT,
    PRIMARY KEY (key, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE version_filings (
    scope TEXT NOT NULL,
    "index" TEXT NOT NULL,
    value TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (scope, "index", value, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE moments (
    time INTEGER PRIMARY KEY,
    position INTEGER NOT NULL
  ) STRICT;
`

export const DROP_VERSIONS =
  'DROP TABLE IF EXISTS version_keys; DROP TABLE IF EXISTS versions; DROP TABLE IF EXISTS version_filings; DROP TABLE IF EXISTS moments'
export const CLEAR_VERSIONS =
  'DELETE FROM version_keys; DELETE FROM versions; DELETE FROM version_filings; DELETE FROM moments'

/** `steps` is 0 for one that is whole; a body of null stands for a row that is gone. Time is in milliseconds since 1970. */
export type StoredVersion = readonly [position: Position, steps: number, time: number, body: string | null]

/** A key by its number, and how many differences its last version is from a whole row. */
interface Known {
  readonly id: number
  steps: number
}

/**
 * Every version of rows, by key and position. A version is whole, or tells what differs from the one before; `steps` says
 * how many differences it is away from a whole one. A row that is gone has no body, and counts as whole.
 */
export class VersionDatabase {
  readonly #known = new Map<string, Map<string, Known>>()
  #knownCount = 0
  readonly #findKey: StatementSync
  readonly #addKey: StatementSync
  readonly #last: StatementSync
  readonly #add: StatementSync
  readonly #chain: StatementSync
  readonly #whole: StatementSync
  readonly #between: StatementSync
  readonly #file: StatementSync
  readonly #filed: StatementSync
  readonly #keys: StatementSync
  readonly #addMoment: StatementSync
  readonly #moment: StatementSync
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#findKey = database.prepare('SELECT id FROM version_keys WHERE scope = ? AND key = ?')
    this.#addKey = database.prepare('INSERT INTO version_keys (scope, key) VALUES (?, ?) RETURNING id')
    this.#last = database.prepare('SELECT steps FROM versions WHERE key = ? ORDER BY position DESC LIMIT 1')
    this.#add = database.prepare('INSERT INTO versions VALUES (?, ?, ?, ?, ?)')
    this.#chain = database.prepare(
      `SELECT steps, body FROM versions WHERE key = ? AND position <= ? ORDER BY position DESC LIMIT ${LONGEST_CHAIN + 1}`,
    )
    this.#chain.setReturnArrays(true)
    this.#whole = database.prepare(
      'SELECT position FROM versions WHERE key = ? AND position <= ? AND steps = 0 ORDER BY position DESC LIMIT 1',
    )
    this.#between = database.prepare(
      'SELECT position, steps, time, body FROM versions WHERE key = ? AND position >= ? AND position <= ? ORDER BY position',
    )
    this.#between.setReturnArrays(true)
    this.#file = database.prepare('INSERT OR IGNORE INTO version_filings VALUES (?, ?, ?, ?)')
    this.#filed = database.prepare('SELECT key FROM version_filings WHERE scope = ? AND "index" = ? AND value = ?')
    this.#keys = database.prepare('SELECT key FROM version_keys WHERE scope = ? AND key >= ? AND key < ? ORDER BY key')
    this.#addMoment = database.prepare('INSERT OR REPLACE INTO moments VALUES (?, ?)')
    this.#moment = database.prepare('SELECT position FROM moments WHERE time <= ? ORDER BY time DESC LIMIT 1')
  }

  #know(scope: string, key: string): Known {
    let ofScope = this.#known.get(scope)
    if (ofScope === undefined) {
      ofScope = new Map()
      this.#known.set(scope, ofScope)
    }
    let known = ofScope.get(key)
    if (known === undefined) {
      const found = (this.#findKey.get(scope, key) ?? this.#addKey.get(scope, key)) as { id: number }
      const last = this.#last.get(found.id) as { steps: number } | undefined
      known = { id: found.id, steps: last?.steps ?? 0 }
      ofScope.set(key, known)
      this.#knownCount += 1
      if (this.#knownCount > REMEMBERED_KEYS) this.forget()
    }
    return known
  }

  /** Within a transaction, those of a row in order of position; fastest where those of a row follow one another. */
  add(scope: string, { key, position, time, mark, body }: RowVersion): void {
    const known = this.#know(scope, key)
    const at = Date.parse(time)
    if (mark === MARK.different && known.steps + 1 < LONGEST_CHAIN) {
      known.steps += 1
      this.#add.run(known.id, position, known.steps, at, body)
      return
    }
    known.steps = 0
    const before = mark === MARK.different ? this.#rowOf(known.id, position - 1) : undefined
    const whole = before === undefined ? body : JSON.stringify(patched(before, JSON.parse(body)))
    this.#add.run(known.id, position, 0, at, mark === MARK.gone ? null : whole)
  }

  file(scope: string, { index, value, key }: Filing): void {
    this.#file.run(scope, index, value, key)
  }

  /** The row as it was after every event at or before a position; undefined where there was none. */
  row(scope: string, key: string, position: Position): object | undefined {
    const found = this.#findKey.get(scope, key) as { id: number } | undefined
    return found && this.#rowOf(found.id, position)
  }

  #rowOf(id: number, position: Position): object | undefined {
    const patches: object[] = []
    // Newest first: differences, and then the whole row that they are from.
    for (const [steps, body] of this.#chain.iterate(id, position) as unknown as Iterable<[number, string | null]>) {
      if (body === null) return undefined
      const part = JSON.parse(body) as object
      if (steps === 0) return patches.reduceRight(patched, part)
      patches.push(part)
    }
    return undefined
  }

  /**
   * The versions of one row after a position and up to another, oldest first, with those before that they are made from:
   * the first one is whole.
   */
  versions(scope: string, key: string, after: Position, to: Position): Iterable<StoredVersion> {
    const found = this.#findKey.get(scope, key) as { id: number } | undefined
    if (found === undefined) return []
    const whole = this.#whole.get(found.id, after) as { position: Position } | undefined
    return this.#between.all(found.id, whole?.position ?? 0, to) as unknown as StoredVersion[]
  }

  /** The keys of rows that an index filed under this value at any time. */
  keysFiled(scope: string, index: string, value: string): string[] {
    return this.#filed.all(scope, index, value).map(({ key }) => key as string)
  }

  /** The keys of all rows that there ever were which begin with this, sorted. */
  keys(scope: string, prefix: string): string[] {
    return this.#keys.all(scope, prefix, `${prefix}\uffff`).map(({ key }) => key as string)
  }

  /** @param time milliseconds since 1970; the last event of that moment stands at `position` */
  addMoment(time: number, position: Position): void {
    this.#addMoment.run(time, position)
  }

  /** The position of the last event at or before a time; undefined where there is none. */
  positionAt(time: number): Position | undefined {
    return this.#moment.get(time)?.position as Position | undefined
  }

  /** Within a transaction. */
  remove(model: string): void {
    const scopes = `scope GLOB '${model}/*'`
    this.#database.exec(`
      DELETE FROM versions WHERE key IN (SELECT id FROM version_keys WHERE ${scopes});
      DELETE FROM version_keys WHERE ${scopes};
      DELETE FROM version_filings WHERE ${scopes};
    `)
    this.forget()
  }

  /** What was begun and not committed is as if it had never been: what is remembered of it is not true. */
  forget(): void {
    this.#known.clear()
    this.#knownCount = 0
  }
}

/** Whose versions they are: a read model's table. */
export const scopeOf = (model: string, table: string): string => `${model}/${table}`
