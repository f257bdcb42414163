import {
  applyChanges,
  emptyTables,
  type Projection,
  type TableDefinitions,
  type Tables,
} from '../../../projections/kit/projection.ts'
import type { Change, TableDefinition } from '../../../projections/kit/table.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import type { ModelId } from './persistence/database.ts'
import type { WrittenRow } from './persistence/row-lines.ts'

interface Unwritten {
  row: unknown
  readonly isOnDisk: boolean
}

type UnwrittenRows = Map<string, Map<string, Unwritten>>

type ProjectionObserver<Rows> = (event: HarkEvent, changes: readonly Change<Rows>[]) => void

/** Checks indexes, which are built long after the start. */
const readRow = <Row>(text: string, indexes: TableDefinition<Row>['indexes'] = {}): Row => {
  const row = JSON.parse(text) as Row
  if (typeof row !== 'object' || row === null) throw new Error('a row is not an object')
  for (const indexKey of Object.values(indexes)) indexKey(row)
  return row
}

const CHUNK = 1000

export class ReadModel<Rows extends object = Record<string, unknown>> {
  readonly projection: Projection<Rows>
  readonly tables: Tables<Rows>
  /** The rows' own version, during a rebuild. */
  readonly storedAs: ModelId
  #position: Position = BEGINNING
  #observer: ProjectionObserver<Rows> | undefined
  /** Nothing was ever written, so that rows in memory need not be noted. */
  #isNew = true
  #unwritten: UnwrittenRows = new Map()
  #beingWritten: UnwrittenRows = new Map()

  constructor(projection: Projection<Rows>, storedAs?: ModelId) {
    this.projection = projection
    this.storedAs = storedAs ?? this.id
    this.tables = emptyTables(projection)
  }

  get id(): ModelId {
    return { name: this.projection.name, version: this.projection.version }
  }

  get position(): Position {
    return this.#position
  }

  /** @throws Error if a row is corrupted */
  load(rowsOf: (table: string) => Iterable<readonly [key: string, row: string]>, position: Position): void {
    this.#isNew = false
    // Rows of another version may not fit the indexes.
    const isOwn = this.storedAs.version === this.projection.version
    const tables: TableDefinitions<Rows> = this.projection.tables
    for (const name of Object.keys(tables) as (keyof Rows & string)[]) {
      const { indexes, onDiskOnly } = tables[name]
      if (onDiskOnly) continue
      const table = this.tables[name]
      for (const [key, row] of rowsOf(name)) table.set(key, readRow(row, isOwn ? indexes : {}))
    }
    this.advance(position)
  }

  advance(position: Position): void {
    if (position > this.#position) this.#position = position
  }

  onProjected(observer: ProjectionObserver<Rows>): void {
    this.#observer = observer
  }

  project(event: HarkEvent): readonly Change<Rows>[] {
    if (event.position <= this.#position) return []
    const changes = this.projection.project(this.tables, event)
    if (changes.length > 0) {
      for (const change of changes) this.#note(change)
      this.#observer?.(event, changes)
      applyChanges(this.projection, this.tables, changes)
    }
    this.#position = event.position
    return changes
  }

  #note({ table, key, before, after }: Change<Rows>): void {
    if (this.#isNew && !this.projection.tables[table].onDiskOnly) return
    const name = table as string
    let rows = this.#unwritten.get(name)
    if (rows === undefined) {
      rows = new Map()
      this.#unwritten.set(name, rows)
    }
    const noted = rows.get(key)
    if (noted === undefined) rows.set(key, { row: after, isOnDisk: before !== undefined })
    // The row was added and removed between two writes.
    else if (after === undefined && !noted.isOnDisk) rows.delete(key)
    else noted.row = after
  }

  /** `{ row: undefined }` for a removed row. */
  unwrittenRow(table: string, key: string): { readonly row: unknown } | undefined {
    return this.#unwritten.get(table)?.get(key) ?? this.#beingWritten.get(table)?.get(key)
  }

  get unwrittenRows(): number {
    let rows = 0
    for (const { size } of this.#unwritten.values()) rows += size
    return rows
  }

  beginWriting(): Position {
    if (this.#isNew) this.#noteAll()
    this.#beingWritten = this.#unwritten
    this.#unwritten = new Map()
    return this.#position
  }

  #noteAll(): void {
    this.#isNew = false
    for (const table of Object.keys(this.tables) as (keyof Rows)[])
      for (const [key, after] of this.tables[table].entries())
        this.#note({ kind: 'added', table, key, before: undefined, after })
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

  written(): void {
    this.#beingWritten = new Map()
  }

  notWritten(): void {
    for (const [table, rows] of this.#beingWritten) {
      const since = this.#unwritten.get(table) ?? new Map<string, Unwritten>()
      for (const [key, before] of rows)
        since.set(key, { row: since.has(key) ? since.get(key)?.row : before.row, isOnDisk: before.isOnDisk })
      this.#unwritten.set(table, since)
    }
    this.#beingWritten = new Map()
  }
}
