import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { applyMergePatch } from '../../lib/json-merge-patch.ts'
import { decodeVersions } from './version-buffer.ts'
import {
  bodyAt,
  bodyBegin,
  encodeVersion,
  endAt,
  markAt,
  positionAt,
  type RowVersion,
  timeAt,
  VERSION_KIND,
  versionAt,
} from './version-codec.ts'

/** After so many differences the next block begins with the row whole: what a look at the past puts together at most. */
const LONGEST_CHAIN = 10
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
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    block BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX versions_by_key ON versions (key, position, steps);
  CREATE TABLE version_filings (
    scope TEXT NOT NULL,
    "index" TEXT NOT NULL,
    value TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (scope, "index", value, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE moments (
    time INTEGER PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE
  ) STRICT;
`

export const DROP_VERSIONS =
  'DROP TABLE IF EXISTS version_keys; DROP TABLE IF EXISTS versions; DROP TABLE IF EXISTS version_filings; DROP TABLE IF EXISTS moments'
export const CLEAR_VERSIONS =
  'DELETE FROM version_keys; DELETE FROM versions; DELETE FROM version_filings; DELETE FROM moments'

/** The last event of a moment stands at `position`; time is in milliseconds since 1970. */
export interface StoredMoment {
  readonly time: number
  readonly position: Position
}

/** A key by its number, and how many differences its last version is from a whole row. */
interface Known {
  readonly id: number
  steps: number
}

/** A block and whose it is. */
export interface StoredBlock {
  readonly scope: string
  readonly key: string
  readonly position: Position
  readonly steps: number
  readonly block: Buffer
}

/** That an index had a row under this value at some time. */
export interface StoredFiling {
  readonly scope: string
  readonly index: string
  readonly value: string
  readonly key: string
}

type Block = readonly [steps: number, block: Uint8Array]

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)

/** Where the versions of a block begin. */
export function* placesIn(block: Buffer): Iterable<number> {
  for (let at = 0; at < block.length; at = endAt(block, at)) yield at
}

/** How many differences the last version of a block is from a whole row. */
const stepsAfter = (block: Buffer, before: number): number => {
  let steps = before
  for (const at of placesIn(block)) steps = markAt(block, at) === VERSION_KIND.different ? steps + 1 : 0
  return steps
}

/**
 * Every version of rows, in blocks: those of one row that were written down together. A version is the row whole, or what
 * differs from the one before, or says that the row is gone; `steps` says how many differences the first one of a block is
 * away from a whole row.
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
  readonly #blockAt: StatementSync
  readonly #nextBlock: StatementSync
  readonly #file: StatementSync
  readonly #filed: StatementSync
  readonly #keys: StatementSync
  readonly #addMoment: StatementSync
  readonly #moment: StatementSync
  readonly #momentBefore: StatementSync
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#findKey = database.prepare('SELECT id FROM version_keys WHERE scope = ? AND key = ?')
    this.#addKey = database.prepare('INSERT INTO version_keys (scope, key) VALUES (?, ?) RETURNING id')
    this.#last = database.prepare('SELECT steps, block FROM versions WHERE key = ? ORDER BY position DESC LIMIT 1')
    this.#last.setReturnArrays(true)
    this.#add = database.prepare('INSERT INTO versions (key, position, steps, block) VALUES (?, ?, ?, ?)')
    this.#chain = database.prepare(
      'SELECT steps, block FROM versions WHERE key = ? AND position <= ? ORDER BY position DESC',
    )
    this.#chain.setReturnArrays(true)
    this.#whole = database.prepare(
      'SELECT position FROM versions WHERE key = ? AND position <= ? AND steps = 0 ORDER BY position DESC LIMIT 1',
    )
    this.#between = database.prepare(
      'SELECT steps, block FROM versions WHERE key = ? AND position >= ? AND position <= ? ORDER BY position',
    )
    this.#between.setReturnArrays(true)
    this.#blockAt = database.prepare(
      'SELECT position FROM versions WHERE key = ? AND position <= ? ORDER BY position DESC LIMIT 1',
    )
    this.#nextBlock = database.prepare(
      'SELECT position, block FROM versions WHERE key = ? AND position >= ? AND position <= ? ORDER BY position LIMIT 1',
    )
    this.#file = database.prepare('INSERT OR IGNORE INTO version_filings VALUES (?, ?, ?, ?)')
    this.#filed = database.prepare('SELECT key FROM version_filings WHERE scope = ? AND "index" = ? AND value = ?')
    this.#keys = database.prepare('SELECT key FROM version_keys WHERE scope = ? AND key >= ? AND key < ? ORDER BY key')
    this.#addMoment = database.prepare('INSERT OR REPLACE INTO moments VALUES (?, ?)')
    this.#momentBefore = database.prepare(
      'SELECT time, position FROM moments WHERE position <= ? ORDER BY position DESC LIMIT 1',
    )
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
      const last = this.#last.get(found.id) as unknown as Block | undefined
      known = { id: found.id, steps: last === undefined ? 0 : stepsAfter(asBuffer(last[1]), last[0] - 1) }
      ofScope.set(key, known)
      this.#knownCount += 1
      if (this.#knownCount > REMEMBERED_KEYS) this.forget()
    }
    return known
  }

  /** Within a transaction: versions, as they were noted, that follow those that are there. */
  add(scope: string, noted: readonly Uint8Array[]): void {
    const { rows, filings } = decodeVersions(noted)
    for (const { key, versions } of rows) this.#addBlock(this.#know(scope, key), versions)
    for (const { index, value, key } of filings) this.#file.run(scope, index, value, key)
  }

  #addBlock(known: Known, versions: Buffer): void {
    const isChained = markAt(versions, 0) === VERSION_KIND.different
    const isLong = isChained && known.steps >= LONGEST_CHAIN
    const block = isLong ? this.#beginningWhole(known, versions) : versions
    const steps = isChained && !isLong ? known.steps + 1 : 0
    this.#add.run(known.id, positionAt(block, 0), steps, block)
    known.steps = stepsAfter(block, steps - 1)
  }

  #beginningWhole({ id }: Known, versions: Buffer): Buffer {
    const first = versionAt(versions, 0)
    const before = this.#rowOf(id, first.position - 1)
    if (before === undefined) throw new Error(`a row changed at ${first.position} that was not there before`)
    const body = JSON.stringify(applyMergePatch(before, JSON.parse(first.body)))
    return Buffer.concat([
      encodeVersion({ ...first, mark: VERSION_KIND.whole, body }),
      versions.subarray(endAt(versions, 0)),
    ])
  }

  /** The row as it was after every event at or before a position; undefined where there was none. */
  row(scope: string, key: string, position: Position): object | undefined {
    const found = this.#findKey.get(scope, key) as { id: number } | undefined
    return found && this.#rowOf(found.id, position)
  }

  #rowOf(id: number, position: Position): object | undefined {
    let patches: object[] = []
    // Newest first: differences, and then the whole row that they are from.
    for (const [steps, bytes] of this.#chain.iterate(id, position) as unknown as Iterable<Block>) {
      const block = asBuffer(bytes)
      const places: number[] = []
      for (const at of placesIn(block)) {
        if (positionAt(block, at) > position) break
        if (markAt(block, at) !== VERSION_KIND.different) places.length = 0
        places.push(at)
      }
      const [first = 0] = places
      const isBase = markAt(block, first) !== VERSION_KIND.different
      if (isBase && markAt(block, first) === VERSION_KIND.gone) return undefined
      patches = [...places.map(at => JSON.parse(bodyAt(block, at)) as object), ...patches]
      if (isBase || steps === 0) return patches.reduce(applyMergePatch)
    }
    return undefined
  }

  /**
   * The versions of one row after a position and up to another, oldest first, with those before that they are made from:
   * the first one is whole. Bodies are as `latin1` reads their bytes: most are only searched.
   */
  *versions(scope: string, key: string, after: Position, to: Position): Iterable<Omit<RowVersion, 'type'>> {
    const found = this.#findKey.get(scope, key) as { id: number } | undefined
    if (found === undefined) return
    const whole = this.#whole.get(found.id, after) as { position: Position } | undefined
    const blocks = this.#between.all(found.id, whole?.position ?? 0, to) as unknown as Block[]
    for (const [, bytes] of blocks) {
      const block = asBuffer(bytes)
      const text = block.toString('latin1')
      for (const at of placesIn(block)) {
        const position = positionAt(block, at)
        if (position > to) return
        const body = text.slice(bodyBegin(block, at), endAt(block, at))
        yield { position, time: timeAt(block, at), mark: markAt(block, at), body }
      }
    }
  }

  /** The blocks of one row that have versions after a position and up to another, oldest first. Reads no more than is taken. */
  *blocks(scope: string, key: string, after: Position, to: Position): Iterable<Buffer> {
    const found = this.#findKey.get(scope, key) as { id: number } | undefined
    if (found === undefined) return
    // The block that holds what was there at `after` may go on behind it.
    let from = (this.#blockAt.get(found.id, after) as { position: Position } | undefined)?.position ?? 0
    while (true) {
      const next = this.#nextBlock.get(found.id, from, to) as { position: Position; block: Uint8Array } | undefined
      if (next === undefined) return
      yield asBuffer(next.block)
      from = next.position + 1
    }
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

  /** The last moment at or before a position; undefined where there is none. */
  momentBefore(position: Position): StoredMoment | undefined {
    return this.#momentBefore.get(position) as StoredMoment | undefined
  }

  /** The position of the last event at or before a time; undefined where there is none. */
  positionAt(time: number): Position | undefined {
    return this.#moment.get(time)?.position as Position | undefined
  }

  /** All that there is, row by row, each oldest first. */
  *everyBlock(): Iterable<StoredBlock> {
    const blocks = this.#database.prepare(
      `SELECT k.scope, k.key, v.position, v.steps, v.block FROM version_keys k CROSS JOIN versions v ON v.key = k.id
       ORDER BY k.id, v.position, v.steps`,
    )
    for (const row of blocks.iterate() as unknown as Iterable<StoredBlock & { readonly block: Uint8Array }>)
      yield { ...row, block: asBuffer(row.block) }
  }

  everyFiling(): Iterable<StoredFiling> {
    return this.#database.prepare('SELECT * FROM version_filings').iterate() as unknown as Iterable<StoredFiling>
  }

  everyMoment(): Iterable<StoredMoment> {
    const moments = this.#database.prepare('SELECT time, position FROM moments ORDER BY position')
    return moments.iterate() as unknown as Iterable<StoredMoment>
  }

  /** How many rows and filings `everyBlock` and `everyFiling` come by. */
  size(): number {
    return this.#count('version_keys') + this.#count('version_filings')
  }

  /** How many blocks are of no row, and how many rows have no block. */
  orphans(): number {
    return (
      this.#count('versions WHERE key NOT IN (SELECT id FROM version_keys)') +
      this.#count('version_keys WHERE id NOT IN (SELECT key FROM versions)')
    )
  }

  #count(of: string): number {
    return Number(this.#database.prepare(`SELECT count(*) AS count FROM ${of}`).get()?.count)
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
