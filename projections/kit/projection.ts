import type { HarkEvent } from '../../schemas/events/events.ts'
import { type Change, type ReadonlyTable, Table, type TableDefinition } from './table.ts'

export type State<Rows> = { readonly [Name in keyof Rows]: ReadonlyTable<Rows[Name]> }
export type Tables<Rows> = { readonly [Name in keyof Rows]: Table<Rows[Name]> }

export type TableDefinitions<Rows> = { readonly [Name in keyof Rows]: TableDefinition<Rows[Name]> }

/** A pure fold: equal events give byte-identical rows. The caller applies the changes. `Kept` tables have a history. */
export interface Projection<Rows extends object, Kept extends keyof Rows = never> {
  readonly name: string
  /** Raise it when the same events give different rows; the read model is then rebuilt. */
  readonly version: number
  readonly tables: TableDefinitions<Rows> & {
    readonly [Name in Kept]: Required<Pick<TableDefinition<Rows[Name]>, 'history'>>
  }
  project(state: State<Rows>, event: HarkEvent): readonly Change<Rows>[]
}

export const emptyTables = <Rows extends object>(projection: Projection<Rows>): Tables<Rows> =>
  Object.fromEntries(
    Object.entries<TableDefinition<never>>(projection.tables).map(([name, definition]) => [
      name,
      new Table(definition),
    ]),
  ) as unknown as Tables<Rows>

/** Skips tables that are on disk only. */
export const applyChanges = <Rows extends object>(
  { tables: definitions }: Pick<Projection<Rows>, 'tables'>,
  tables: Tables<Rows>,
  changes: readonly Change<Rows>[],
): void => {
  for (const change of changes) {
    const { table, key } = change
    if (definitions[table].onDiskOnly) continue
    if (change.kind === 'removed') tables[table].delete(key)
    else tables[table].set(key, change.after, change.before)
  }
}
