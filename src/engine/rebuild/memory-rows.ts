import type { Remote } from '../../lib/worker-rpc.ts'
import type { EventTimes } from '../overview/event-times.ts'
import { modelKey } from '../read-models/persistence/database.ts'
import { toLines } from '../read-models/persistence/row-lines.ts'
import type { ModelName } from '../read-models/projections.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { Difference, Rebuilder } from './types.ts'

/** Rows per call, between which other work runs. */
const SLICE = 200

interface TableRows {
  readonly model: ModelName
  readonly name: string
  readonly table: string
  readonly rows: readonly (readonly [key: string, row: unknown])[]
}

interface MemoryRows {
  readonly tables: readonly TableRows[]
  readonly times: string
}

/** Rows are immutable, so their references are a copy as of now. */
export const memoryRows = (models: ReadModels, times: EventTimes): MemoryRows => ({
  tables: models.followers().flatMap(([model, { id, projection, tables }]) =>
    Object.keys(projection.tables)
      .filter(table => projection.tables[table]?.onDiskOnly !== true)
      .map(table => ({ model, name: modelKey(id), table, rows: [...(tables[table]?.entries() ?? [])] })),
  ),
  times: times.summary(),
})

/** Requires a rebuilder at the same position. */
export const differencesInMemory = async (
  { tables, times }: MemoryRows,
  rebuilder: Remote<Rebuilder>,
): Promise<Difference[]> => {
  const differences: Difference[] = []
  for (const { model, name, table, rows } of tables) {
    const find = (keys: readonly string[], fault: string): void =>
      void differences.push(...keys.map(key => ({ place: `${name} ${table} ${key}`, fault })))
    for (let at = 0; at < rows.length; at += SLICE) {
      const slice = rows.slice(at, at + SLICE).map(([key, row]) => [key, JSON.stringify(row)] as const)
      find(await rebuilder.compareRows(model, table, toLines(slice)), 'the row in memory does not follow from the log')
    }
    find(await rebuilder.uncomparedRows(model, table), 'the row is missing in memory')
  }
  if ((await rebuilder.timesSummary()) !== times)
    differences.push({ place: 'the times of events', fault: 'they do not follow from the log' })
  return differences
}
