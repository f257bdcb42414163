import { applyChanges, emptyTables, type Projection, type Tables } from '../../projections/projection.ts'
import type { Change } from '../../projections/table.ts'
import type { HarkEvent } from '../../schemas/events.ts'
import { BEGINNING, type Position } from '../../schemas/recorded-event.ts'

/** What changed since the rows were last written down: a row, or undefined for one that is gone. */
export type Unwritten = ReadonlyMap<string, ReadonlyMap<string, unknown>>

/**
 * A projection with its rows. It answers from memory; what is not written down yet it keeps apart, so that rows and
 * position can be written as one.
 */
export class ReadModel<Rows extends object = Record<string, unknown>> {
  readonly projection: Projection<Rows>
  readonly tables: Tables<Rows>
  #position: Position = BEGINNING
  #unwritten = new Map<string, Map<string, unknown>>()
  #unwrittenCount = 0

  constructor(projection: Projection<Rows>) {
    this.projection = projection
    this.tables = emptyTables(projection)
  }

  /** Everything up to here is in the rows. */
  get position(): Position {
    return this.#position
  }

  get unwritten(): Unwritten {
    return this.#unwritten
  }

  get unwrittenCount(): number {
    return this.#unwrittenCount
  }

  /** Takes over rows as they were written down. */
  load(table: string, key: string, row: unknown): void {
    this.tables[table as keyof Rows].set(key, row as Rows[keyof Rows])
  }

  /** Everything up to here is known to concern it no further. */
  advance(position: Position): void {
    if (position > this.#position) this.#position = position
  }

  /** Takes in one event; one that it has taken in before changes nothing. */
  project(event: HarkEvent): readonly Change<Rows>[] {
    if (event.position <= this.#position) return []
    const changes = this.projection.project(this.tables, event)
    for (const change of changes) this.#note(change)
    applyChanges(
      this.tables,
      changes.filter(change => !this.projection.tables[change.table].onDiskOnly),
    )
    this.#position = event.position
    return changes
  }

  #note({ table, key, after }: Change<Rows>): void {
    const name = table as string
    let rows = this.#unwritten.get(name)
    if (rows === undefined) {
      rows = new Map()
      this.#unwritten.set(name, rows)
    }
    if (!rows.has(key)) this.#unwrittenCount += 1
    rows.set(key, after)
  }

  markWritten(): void {
    this.#unwritten = new Map()
    this.#unwrittenCount = 0
  }
}
