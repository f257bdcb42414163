import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { CONDITIONED_KINDS, type ConditionedKind, plural } from '../../../schemas/resources/kinds.ts'
import { type StoredVersion, VERSION_KIND, type VersionsOfRow } from '../history/row-version.ts'
import {
  decodeEntries,
  emptyColumns,
  encodeEntries,
  entryAt,
  type LaneColumns,
  type LaneEntry,
} from './lane-entries.ts'
import { type LaneState, laneStateAfter, NO_RESOURCE } from './lane-status.ts'

/** A row is written again until it has so many entries. */
const ROW_ENTRIES = 256

const hyphenated = (kind: ConditionedKind): string => kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
const scopes = CONDITIONED_KINDS.map(kind => `${hyphenated(kind)}-status@\\d+/${plural(kind)}`)
/** By name: projections would slow down the thread. */
const LANE_SCOPE = new RegExp(`^(?:${[...scopes, 'sites@\\d+/routers'].join('|')})$`)
const ROUTER_SCOPE = /\/routers$/

export const hasLane = (scope: string): boolean => LANE_SCOPE.test(scope)

export const nextLaneState = (before: LaneState, { scope, kind, body }: StoredVersion): LaneState =>
  laneStateAfter(before, kind, body, ROUTER_SCOPE.test(scope))

export const LANE_SCHEMA = `
  CREATE TABLE lane_keys (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    codes INTEGER NOT NULL,
    was_removed INTEGER NOT NULL,
    UNIQUE (scope, key)
  ) STRICT;
  CREATE TABLE lane_entries (
    key INTEGER NOT NULL,
    first INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (key, first)
  ) STRICT;
  CREATE TABLE lane_texts (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
  ) STRICT;
`

export const CLEAR_LANES = 'DELETE FROM lane_keys; DELETE FROM lane_entries; DELETE FROM lane_texts'

export interface LaneKey {
  readonly id: number
  readonly key: string
  readonly first: Position
  readonly last: Position
  readonly codes: number
  /** 1 if the resource was ever removed, otherwise 0. */
  readonly wasRemoved: number
}

type LastRow = readonly [id: number, first: Position | null, entries: Uint8Array | null]

interface StoredLaneRow {
  readonly first: Position
  readonly entries: Uint8Array
}

export class LaneStore {
  readonly #database: DatabaseSync
  readonly #find: StatementSync
  readonly #addKey: StatementSync
  readonly #setKey: StatementSync
  readonly #keys: StatementSync
  readonly #last: StatementSync
  readonly #addRow: StatementSync
  readonly #setRow: StatementSync
  readonly #between: StatementSync
  readonly #findText: StatementSync
  readonly #addText: StatementSync
  readonly #textOf: StatementSync
  readonly #columns = emptyColumns()
  #textIds = new Map<string, number>()
  #texts = new Map<number, string>()

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#find = database.prepare(
      'SELECT id, key, first, last, codes, was_removed AS wasRemoved FROM lane_keys WHERE scope = ? AND key = ?',
    )
    this.#addKey = database.prepare(
      'INSERT INTO lane_keys (scope, key, first, last, codes, was_removed) VALUES (?, ?, ?, 0, 0, 0) RETURNING id',
    )
    this.#setKey = database.prepare(
      'UPDATE lane_keys SET last = ?, codes = ?, was_removed = max(was_removed, ?) WHERE id = ?',
    )
    this.#keys = database.prepare(
      'SELECT id, key, first, last, codes, was_removed AS wasRemoved FROM lane_keys WHERE scope = ? ORDER BY key',
    )
    this.#last = database.prepare(
      `SELECT k.id, e.first, e.entries FROM lane_keys k LEFT JOIN lane_entries e ON e.key = k.id
       WHERE k.scope = ? AND k.key = ? ORDER BY e.first DESC LIMIT 1`,
    )
    this.#last.setReturnArrays(true)
    this.#addRow = database.prepare('INSERT INTO lane_entries VALUES (?, ?, ?)')
    this.#setRow = database.prepare('UPDATE lane_entries SET entries = ? WHERE key = ? AND first = ?')
    this.#between = database.prepare(
      `SELECT entries FROM lane_entries WHERE key = :key AND first <= :to AND first >= coalesce(
         (SELECT max(first) FROM lane_entries WHERE key = :key AND first <= :after), 0) ORDER BY first`,
    )
    this.#between.setReturnArrays(true)
    this.#findText = database.prepare('SELECT id FROM lane_texts WHERE text = ?')
    this.#addText = database.prepare('INSERT INTO lane_texts (text) VALUES (?) RETURNING id')
    this.#textOf = database.prepare('SELECT text FROM lane_texts WHERE id = ?')
  }

  /** Runs within a transaction. */
  add(rows: Iterable<VersionsOfRow>): void {
    for (const row of rows) if (hasLane(row.scope)) this.#append(row)
  }

  #append({ scope, key, versions }: VersionsOfRow): void {
    const [known, first, entries] = (this.#last.get(scope, key) ?? []) as Partial<LastRow>
    const id = known ?? (this.#addKey.get(scope, key, (versions[0] as StoredVersion).position)?.id as number)
    const columns = this.#columns
    columns.length = 0
    let stored: StoredLaneRow | undefined = first != null && entries != null ? { first, entries } : undefined
    if (stored !== undefined) decodeEntries(stored.entries, columns)
    let count = columns.length
    let before = count === 0 ? undefined : entryAt(columns, count - 1)
    let state = this.#stateOf(before)
    let time = before?.time ?? Number.NEGATIVE_INFINITY
    let added: LaneEntry[] = []
    for (const version of versions) {
      state = nextLaneState(state, version)
      // The store's clock may step back.
      time = Math.max(time, version.time)
      if (count === ROW_ENTRIES) {
        this.#write(id, stored, added, before)
        added = []
        count = 0
        stored = undefined
        before = undefined
      }
      const [type, message] = [this.#idOf(version.type), this.#idOf(state.message)]
      added.push({ position: version.position, time, type, codes: state.codes, message })
      count += 1
    }
    this.#write(id, stored, added, before)
    const isRemoved = versions.some(({ kind }) => kind === VERSION_KIND.removed)
    this.#setKey.run((added.at(-1) as LaneEntry).position, state.codes, Number(isRemoved), id)
  }

  #stateOf(entry: LaneEntry | undefined): LaneState {
    return entry === undefined ? NO_RESOURCE : { codes: entry.codes, message: this.text(entry.message) }
  }

  #write(id: number, row: StoredLaneRow | undefined, added: readonly LaneEntry[], before: LaneEntry | undefined): void {
    const [first] = added
    if (first === undefined) return
    const entries = encodeEntries(added, before)
    if (row === undefined) this.#addRow.run(id, first.position, entries)
    else this.#setRow.run(Buffer.concat([row.entries, entries]), id, row.first)
  }

  #idOf(text: string): number {
    const known = this.#textIds.get(text)
    if (known !== undefined) return known
    const id = (this.#findText.get(text)?.id ?? this.#addText.get(text)?.id) as number
    this.#cacheText(id, text)
    return id
  }

  text(id: number): string {
    const known = this.#texts.get(id)
    if (known !== undefined) return known
    const text = this.#textOf.get(id)?.text as string
    this.#cacheText(id, text)
    return text
  }

  #cacheText(id: number, text: string): void {
    if (this.#texts.size >= MOST_TEXTS) this.clearCache()
    this.#textIds.set(text, id)
    this.#texts.set(id, text)
  }

  /** Includes deleted resources. */
  keys(scope: string): readonly LaneKey[] {
    return this.#keys.all(scope) as unknown as LaneKey[]
  }

  find(scope: string, key: string): LaneKey | undefined {
    return this.#find.get(scope, key) as LaneKey | undefined
  }

  read(id: number, after: Position, to: Position, columns: LaneColumns): void {
    for (const [entries] of this.#between.all({ key: id, after, to }) as unknown as [Uint8Array][])
      decodeEntries(entries, columns)
  }

  stored(scope: string, key: string): (LaneKey & { readonly rows: readonly StoredLaneRow[] }) | undefined {
    const found = this.find(scope, key)
    if (found === undefined) return undefined
    const rows = this.#database.prepare('SELECT first, entries FROM lane_entries WHERE key = ? ORDER BY first')
    return { ...found, rows: rows.all(found.id) as unknown as StoredLaneRow[] }
  }

  size(): number {
    return Number(this.#database.prepare('SELECT count(*) AS count FROM lane_keys').get()?.count)
  }

  orphans(): number {
    const found = this.#database.prepare(
      'SELECT count(*) AS count FROM lane_entries WHERE key NOT IN (SELECT id FROM lane_keys)',
    )
    return Number(found.get()?.count)
  }

  remove(model: string): void {
    const scopes = `scope GLOB '${model}/*'`
    this.#database.exec(`
      DELETE FROM lane_entries WHERE key IN (SELECT id FROM lane_keys WHERE ${scopes});
      DELETE FROM lane_keys WHERE ${scopes};
    `)
    this.removeUnusedTexts()
  }

  removeUnusedTexts(): void {
    const used = new Set<number>()
    const columns = this.#columns
    const rows = this.#database.prepare('SELECT entries FROM lane_entries')
    for (const { entries } of rows.iterate() as Iterable<Pick<StoredLaneRow, 'entries'>>) {
      columns.length = 0
      decodeEntries(entries, columns)
      for (let place = 0; place < columns.length; place += 1)
        used.add(columns.type[place] as number).add(columns.message[place] as number)
    }
    const remove = this.#database.prepare('DELETE FROM lane_texts WHERE id NOT IN (SELECT value FROM json_each(?))')
    remove.run(JSON.stringify([...used]))
    this.clearCache()
  }

  /** Call after a rollback, which can remove cached ids. */
  clearCache(): void {
    this.#textIds = new Map()
    this.#texts = new Map()
  }
}

const MOST_TEXTS = 10_000
