import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { mergeInto } from '../../lib/json-merge-patch.ts'
import { createLru } from '../../lib/lru.ts'
import { BulkInsert } from '../../lib/sqlite/bulk-insert.ts'
import { MAX_PATCHES } from './pending-versions.ts'
import { type Filing, type RowVersion, type StoredVersion, VERSION_KIND, type VersionsOfRow } from './row-version.ts'
import type { ConditionVersion } from './timeline/condition-transitions.ts'

const SQLITE_CORRUPT = 11
const MAX_REMEMBERED_IDS = 100_000
/** Positions; each further stretch is twice as long. */
const FIRST_STRETCH = 2000
/** Rows one by one take twice as long. */
const PAGE = 1000

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
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    kind INTEGER NOT NULL,
    body TEXT NOT NULL,
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
    position INTEGER NOT NULL UNIQUE
  ) STRICT;
`

export const CLEAR_VERSIONS =
  'DELETE FROM version_keys; DELETE FROM versions; DELETE FROM version_filings; DELETE FROM moments'

/** Last event of a millisecond. */
export interface StoredMoment {
  readonly time: number
  readonly position: Position
}

/** `index` selects rows that were ever filed under the value. */
export type RowSelection =
  | { readonly key: string }
  | { readonly prefix: string }
  | { readonly index: string; readonly value: string }

export interface SelectedRows {
  readonly scope: string
  readonly rows: RowSelection
}

export interface RowChange extends Omit<RowVersion, 'body'> {
  readonly selection: number
  readonly key: string
  /** Row or patch; null for a removed row. */
  readonly body: object | null
}

export interface ChangePage {
  readonly changes: string
  readonly through: Position
}

type LatestVersion = readonly [kind: number, body: string]
type LatestVersionOf = readonly [key: string, ...LatestVersion]
type ChangedRow = readonly [position: number, time: number, type: string, kind: number, body: string, place: number]

/** @throws Error with SQLite's code for a corrupted file */
const parsed = (body: string): object => {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw Object.assign(new Error('a version of a row cannot be read', { cause }), { errcode: SQLITE_CORRUPT })
  }
}

const keysFrom = (prefix: string) => ({ first: prefix, end: `${prefix}\uffff` })

export class VersionStore {
  readonly #ids = createLru<string, number>(MAX_REMEMBERED_IDS)
  readonly #findKey: StatementSync
  readonly #addKey: StatementSync
  readonly #add: BulkInsert
  readonly #latest: StatementSync
  readonly #latestOfAll: StatementSync
  readonly #between: StatementSync
  readonly #base: StatementSync
  readonly #changed: StatementSync
  readonly #file: StatementSync
  readonly #filed: StatementSync
  readonly #keys: StatementSync
  readonly #addMoment: StatementSync
  readonly #moment: StatementSync
  readonly #momentBefore: StatementSync
  readonly #momentAfter: StatementSync
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#findKey = database.prepare('SELECT id FROM version_keys WHERE scope = ? AND key = ?')
    this.#addKey = database.prepare('INSERT INTO version_keys (scope, key) VALUES (?, ?) RETURNING id')
    this.#add = new BulkInsert(database, 'INSERT INTO versions', 6)
    this.#latest = database.prepare(
      `SELECT kind, body FROM versions WHERE key = ? AND position <= ? ORDER BY position DESC LIMIT ${MAX_PATCHES + 1}`,
    )
    this.#latest.setReturnArrays(true)
    this.#latestOfAll = database.prepare(
      `SELECT k.key, v.kind, v.body FROM version_keys k CROSS JOIN versions v
       ON v.key = k.id AND v.position <= :position AND v.position >=
         (SELECT position FROM versions WHERE key = k.id AND position <= :position AND kind != ${VERSION_KIND.patch}
          ORDER BY position DESC LIMIT 1)
       WHERE k.scope = :scope AND k.key >= :first AND k.key < :end ORDER BY k.key, v.position`,
    )
    this.#latestOfAll.setReturnArrays(true)
    this.#between = database.prepare(
      `SELECT position, time, kind, body FROM versions WHERE key = ? AND position >= ? AND position <= ?
       ORDER BY position LIMIT ${PAGE}`,
    )
    this.#between.setReturnArrays(true)
    this.#base = database.prepare(
      `SELECT position FROM versions WHERE key = ? AND position <= ? AND kind != ${VERSION_KIND.patch}
       ORDER BY position DESC LIMIT 1`,
    )
    this.#changed = database.prepare(
      `SELECT v.position, v.time, v.type, v.kind, v.body, ids.key FROM json_each(:ids) ids CROSS JOIN versions v
       ON v.key = ids.value WHERE v.position > :after AND v.position <= :to ORDER BY v.position, ids.key LIMIT :most`,
    )
    this.#changed.setReturnArrays(true)
    this.#file = database.prepare('INSERT OR IGNORE INTO version_filings VALUES (?, ?, ?, ?)')
    this.#filed = database.prepare('SELECT key FROM version_filings WHERE scope = ? AND "index" = ? AND value = ?')
    this.#keys = database.prepare(
      'SELECT key FROM version_keys WHERE scope = :scope AND key >= :first AND key < :end ORDER BY key',
    )
    this.#addMoment = database.prepare('INSERT OR REPLACE INTO moments VALUES (?, ?)')
    this.#momentBefore = database.prepare(
      'SELECT time, position FROM moments WHERE position <= ? ORDER BY position DESC LIMIT 1',
    )
    this.#momentAfter = database.prepare(
      'SELECT time, position FROM moments WHERE position >= ? ORDER BY position LIMIT 1',
    )
    this.#moment = database.prepare('SELECT position FROM moments WHERE time <= ? ORDER BY time DESC LIMIT 1')
  }

  #idOf(scope: string, key: string): number | undefined {
    return this.#findKey.get(scope, key)?.id as number | undefined
  }

  #ensureId(scope: string, key: string): number {
    const name = `${scope} ${key}`
    let id = this.#ids.get(name)
    if (id === undefined) {
      id = this.#idOf(scope, key) ?? (this.#addKey.get(scope, key)?.id as number)
      this.#ids.set(name, id)
    }
    return id
  }

  add(rows: readonly VersionsOfRow[]): void {
    const added = rows.map(({ scope, key, versions }) => ({ id: this.#ensureId(scope, key), versions }))
    // Table order touches each page once.
    added.sort((a, b) => a.id - b.id)
    this.#add.run(
      added.flatMap(({ id, versions }) =>
        versions.map(({ position, time, type, kind, body }) => [id, position, time, type, kind, body]),
      ),
    )
  }

  file(filings: readonly Filing[]): void {
    for (const { scope, index, value, key } of filings) this.#file.run(scope, index, value, key)
  }

  row(scope: string, key: string, position: Position): object | undefined {
    const id = this.#idOf(scope, key)
    if (id === undefined) return undefined
    const versions = this.#latest.all(id, position) as unknown as LatestVersion[]
    const base = versions.findIndex(([kind]) => kind !== VERSION_KIND.patch)
    const [kind, body] = versions[base] ?? [VERSION_KIND.removed, '']
    if (kind === VERSION_KIND.removed) return undefined
    const patches = versions.slice(0, base).reverse()
    return patches.reduce((row, [, patch]) => mergeInto(row, parsed(patch)), parsed(body))
  }

  /** Sorted by key. Reading them together takes two thirds of the time. */
  rows(scope: string, prefix: string, position: Position): ReadonlyMap<string, object> {
    const found = new Map<string, object>()
    const versions = this.#latestOfAll.all({ scope, ...keysFrom(prefix), position }) as unknown as LatestVersionOf[]
    for (const [key, kind, body] of versions) {
      if (kind === VERSION_KIND.whole) found.set(key, parsed(body))
      else if (kind === VERSION_KIND.patch) mergeInto(found.get(key) as object, parsed(body))
    }
    return found
  }

  /** In (after, to], oldest first, and earlier versions that they build on. */
  *versions(scope: string, key: string, after: Position, to: Position): Iterable<ConditionVersion> {
    const id = this.#idOf(scope, key)
    if (id === undefined) return
    let from = (this.#base.get(id, after)?.position ?? 0) as Position
    for (let length = PAGE; length === PAGE; ) {
      const page = this.#between.all(id, from, to) as unknown as ConditionVersion[]
      // Each `yield*` of an array would cost more per row.
      for (const version of page) yield version
      length = page.length
      from = (page.at(-1)?.[0] ?? to) + 1
    }
  }

  select({ scope, rows }: SelectedRows): readonly string[] {
    if ('key' in rows) return [rows.key]
    return 'prefix' in rows ? this.keys(scope, rows.prefix) : this.keysFiled(scope, rows.index, rows.value)
  }

  /** At least `most` changes in (after, to] if that many exist. */
  changes(
    selected: readonly SelectedRows[],
    { after, to, most }: { readonly after: Position; readonly to: Position; readonly most: number },
  ): ChangePage {
    const rows = selected.flatMap((selection, number) =>
      this.select(selection).flatMap(key => {
        const id = this.#idOf(selection.scope, key)
        return id === undefined ? [] : [{ id, key, selection: number }]
      }),
    )
    const ids = JSON.stringify(rows.map(({ id }) => id))
    const found: ChangedRow[] = []
    let through = after
    for (let stretch = FIRST_STRETCH; through < to && found.length < most; stretch *= 2) {
      const end = Math.min(to, through + stretch)
      const page = this.#changed.all({
        ids,
        after: through,
        to: end,
        most: most + rows.length,
      }) as unknown as ChangedRow[]
      through = page.length < most + rows.length ? end : (page.at(-1) as ChangedRow)[0] - 1
      found.push(...page.filter(([position]) => position <= through))
    }
    const changes = found.map(([position, time, type, kind, body, place]) => {
      const { key, selection } = rows[place] as (typeof rows)[number]
      const head = JSON.stringify({ position, time, type, kind, selection, key })
      return `${head.slice(0, -1)},"body":${body || null}}`
    })
    return { changes: `[${changes.join(',')}]`, through }
  }

  keysFiled(scope: string, index: string, value: string): string[] {
    return this.#filed.all(scope, index, value).map(({ key }) => key as string)
  }

  keys(scope: string, prefix: string): string[] {
    return this.#keys.all({ scope, ...keysFrom(prefix) }).map(({ key }) => key as string)
  }

  addMoment(time: number, position: Position): void {
    this.#addMoment.run(time, position)
  }

  momentBefore(position: Position): StoredMoment | undefined {
    return this.#momentBefore.get(position) as StoredMoment | undefined
  }

  momentAfter(position: Position): StoredMoment | undefined {
    return this.#momentAfter.get(position) as StoredMoment | undefined
  }

  positionAt(time: number): Position | undefined {
    return this.#moment.get(time)?.position as Position | undefined
  }

  allVersions(): Iterable<StoredVersion> {
    const versions = this.#database.prepare(
      `SELECT k.scope, k.key, v.position, v.time, v.type, v.kind, v.body
       FROM version_keys k CROSS JOIN versions v ON v.key = k.id ORDER BY k.id, v.position`,
    )
    return versions.iterate() as unknown as Iterable<StoredVersion>
  }

  firstVersions(): Iterable<Pick<StoredVersion, 'scope' | 'key' | 'position'>> {
    const found = this.#database.prepare(
      `SELECT scope, "key", (SELECT min(position) FROM versions v WHERE v.key = k.id) AS position FROM version_keys k`,
    )
    return found.iterate() as unknown as Iterable<Pick<StoredVersion, 'scope' | 'key' | 'position'>>
  }

  allFilings(): Iterable<Filing> {
    return this.#database.prepare('SELECT * FROM version_filings').iterate() as unknown as Iterable<Filing>
  }

  allMoments(): Iterable<StoredMoment> {
    const moments = this.#database.prepare('SELECT time, position FROM moments ORDER BY position')
    return moments.iterate() as unknown as Iterable<StoredMoment>
  }

  size(): number {
    return this.#count('version_keys') + this.#count('version_filings')
  }

  orphans(): number {
    return (
      this.#count('versions WHERE key NOT IN (SELECT id FROM version_keys)') +
      this.#count('version_keys WHERE id NOT IN (SELECT key FROM versions)')
    )
  }

  #count(of: string): number {
    return Number(this.#database.prepare(`SELECT count(*) AS count FROM ${of}`).get()?.count)
  }

  remove(model: string): void {
    const scopes = `scope GLOB '${model}/*'`
    this.#database.exec(`
      DELETE FROM versions WHERE key IN (SELECT id FROM version_keys WHERE ${scopes});
      DELETE FROM version_keys WHERE ${scopes};
      DELETE FROM version_filings WHERE ${scopes};
    `)
    this.clearCache()
  }

  /** Call after a rollback, which can remove cached ids. */
  clearCache(): void {
    this.#ids.clear()
  }
}
