import { applyChanges, emptyTables, type Projection, type Tables } from '../../projections/projection.ts'
import type { Change, TableDefinition } from '../../projections/table.ts'
import type { HarkEvent } from '../../schemas/events.ts'
import { BEGINNING, type Position } from '../../schemas/recorded-event.ts'
import type { Checkpoint, ModelId } from './read-model-database.ts'
import { type Filing, type NewVersion, NewVersions } from './row-versions.ts'
import type { WrittenRow } from './written-rows.ts'

/** A row that is not written down as it is now, and whether there is one to overwrite. */
interface Unwritten {
  row: unknown
  readonly isOnDisk: boolean
}

type UnwrittenRows = Map<string, Map<string, Unwritten>>

/** By table, the versions of rows that are kept for looks at the past. */
type UnwrittenVersions = ReadonlyMap<string, NewVersions<unknown>>

export interface VersionsOfTable {
  readonly table: string
  readonly versions: readonly NewVersion[]
  readonly filings: readonly Filing[]
}

/** So many rows are turned into JSON at a time. */
const CHUNK = 1000

/**
 * A projection with its rows. It answers from memory; what is not written down yet it keeps apart, so that rows and
 * position can be written as one.
 */
export class ReadModel<Rows extends object = Record<string, unknown>> {
  readonly projection: Projection<Rows>
  readonly tables: Tables<Rows>
  /** The version whose rows these are. */
  readonly storedAs: ModelId
  #position: Position = BEGINNING
  #unwritten: UnwrittenRows = new Map()
  /** What a write under way takes down: it is on disk only when the write is done. */
  #beingWritten: UnwrittenRows = new Map()
  #newVersions: UnwrittenVersions
  #versionsBeingWritten: UnwrittenVersions = new Map()

  /** @param storedAs the version whose rows these are, where that is not the projection's own */
  constructor(projection: Projection<Rows>, storedAs?: ModelId) {
    this.projection = projection
    this.storedAs = storedAs ?? this.id
    this.tables = emptyTables(projection)
    this.#newVersions = this.#noVersions()
  }

  #noVersions(): UnwrittenVersions {
    const tables = Object.entries(this.projection.tables) as [string, TableDefinition<unknown>][]
    return new Map(
      tables.flatMap(([name, definition]) =>
        definition.history ? [[name, new NewVersions(definition)] as const] : [],
      ),
    )
  }

  get id(): ModelId {
    return { name: this.projection.name, version: this.projection.version }
  }

  /** Everything up to here is in the rows. */
  get position(): Position {
    return this.#position
  }

  /** Takes over rows as they were written down. */
  load(rows: Iterable<readonly [table: string, key: string, row: string]>, position: Position): void {
    for (const [table, key, row] of rows) {
      const definition = this.projection.tables[table as keyof Rows]
      if (definition !== undefined && !definition.onDiskOnly) this.tables[table as keyof Rows].set(key, JSON.parse(row))
    }
    this.advance(position)
  }

  /** Everything up to here is known to concern it no further. */
  advance(position: Position): void {
    if (position > this.#position) this.#position = position
  }

  /** Takes in one event; one that it has taken in before changes nothing. */
  project(event: HarkEvent): readonly Change<Rows>[] {
    if (event.position <= this.#position) return []
    const changes = this.projection.project(this.tables, event)
    for (const change of changes) {
      this.#note(change)
      this.#newVersions.get(change.table as string)?.note(event, change)
    }
    applyChanges(this.projection, this.tables, changes)
    this.#position = event.position
    return changes
  }

  #note({ table, key, before, after }: Change<Rows>): void {
    const name = table as string
    let rows = this.#unwritten.get(name)
    if (rows === undefined) {
      rows = new Map()
      this.#unwritten.set(name, rows)
    }
    const noted = rows.get(key)
    if (noted === undefined) rows.set(key, { row: after, isOnDisk: before !== undefined })
    // A row that came and went between two writes never was, as far as the disk goes.
    else if (after === undefined && !noted.isOnDisk) rows.delete(key)
    else noted.row = after
  }

  /** How many versions of rows wait to be written down. */
  get newVersionCount(): number {
    let count = 0
    for (const versions of this.#newVersions.values()) count += versions.count
    return count
  }

  /** A row that is not on disk yet: undefined where there is none such, `{ row: undefined }` where it is to be removed. */
  unwrittenRow(table: string, key: string): { readonly row: unknown } | undefined {
    return this.#unwritten.get(table)?.get(key) ?? this.#beingWritten.get(table)?.get(key)
  }

  /**
   * Sets apart what is to be written down now, and tells up to where that goes. Then `chunks` has the rows, and at last
   * `written` is to be called, or `notWritten`. What is projected meanwhile is for the next time.
   */
  beginWriting(): Checkpoint {
    this.#beingWritten = this.#unwritten
    this.#unwritten = new Map()
    this.#versionsBeingWritten = this.#newVersions
    this.#newVersions = this.#noVersions()
    return { ...this.id, position: this.#position }
  }

  *chunks(): Iterable<{ readonly table: string; readonly rows: readonly WrittenRow[] }> {
    for (const [table, changed] of this.#beingWritten) {
      let rows: WrittenRow[] = []
      for (const [key, { row }] of changed) {
        rows.push([key, row === undefined ? undefined : JSON.stringify(row)])
        if (rows.length < CHUNK) continue
        yield { table, rows }
        rows = []
      }
      if (rows.length > 0) yield { table, rows }
    }
  }

  /** The versions that go with the rows of `chunks`. */
  *versionChunks(): Iterable<VersionsOfTable> {
    for (const [table, unwritten] of this.#versionsBeingWritten) {
      for (let at = 0; at < unwritten.filings.length; at += CHUNK)
        yield { table, versions: [], filings: unwritten.filings.slice(at, at + CHUNK) }
      let versions: NewVersion[] = []
      for (const version of unwritten.versions()) {
        versions.push(version)
        if (versions.length < CHUNK) continue
        yield { table, versions, filings: [] }
        versions = []
      }
      if (versions.length > 0) yield { table, versions, filings: [] }
    }
  }

  written(): void {
    this.#beingWritten = new Map()
    this.#versionsBeingWritten = new Map()
  }

  notWritten(): void {
    for (const [table, rows] of this.#beingWritten) {
      const since = this.#unwritten.get(table) ?? new Map<string, Unwritten>()
      for (const [key, before] of rows)
        since.set(key, { row: since.has(key) ? since.get(key)?.row : before.row, isOnDisk: before.isOnDisk })
      this.#unwritten.set(table, since)
    }
    for (const [table, before] of this.#versionsBeingWritten) this.#newVersions.get(table)?.putBefore(before)
    this.written()
  }
}
