import { applyChanges, emptyTables, type Projection, type Tables } from '../../../projections/kit/projection.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'

/** Rows as on disk: JSON by table and key. */
export type WrittenRows = Map<string, string>

/** Projects a log and stores every change, as the projector does. */
export const projectInto = <Rows extends object>(
  projection: Projection<Rows>,
  tables: Tables<Rows>,
  written: WrittenRows,
  log: readonly HarkEvent[],
): void => {
  for (const event of log) {
    const changes = projection.project(tables, event)
    applyChanges(projection, tables, changes)
    for (const { table, key, after } of changes) {
      const place = `${String(table)} ${key}`
      if (after === undefined) written.delete(place)
      else written.set(place, JSON.stringify(after))
    }
  }
}

/** Tables loaded from stored rows, as after a restart. */
export const loaded = <Rows extends object>(projection: Projection<Rows>, written: WrittenRows): Tables<Rows> => {
  const tables = emptyTables(projection)
  for (const [place, row] of written) {
    const table = place.slice(0, place.indexOf(' ')) as keyof Rows & string
    if (!projection.tables[table].onDiskOnly) tables[table].set(place.slice(table.length + 1), JSON.parse(row))
  }
  return tables
}

/** All rows of a log as one text. */
export const bytesOf = (written: WrittenRows): string =>
  [...written]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([place, row]) => `${place}\n${row}`)
    .join('\n')
