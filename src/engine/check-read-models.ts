import { isDeepStrictEqual } from 'node:util'
import type { Projection } from '../../projections/projection.ts'
import type { Change } from '../../projections/table.ts'
import type { HarkEvent } from '../../schemas/events.ts'
import type { Position } from '../../schemas/recorded-event.ts'
import type { Finding } from './check-log.ts'
import { ReadModel } from './read-model.ts'
import { type Checkpoint, modelKey, type ReadModelDatabase } from './read-model-database.ts'
import { PROJECTIONS } from './read-models.ts'
import { scopeOf } from './version-database.ts'

type AnyProjection = Projection<Record<string, unknown>>

/** Rows as JSON, by table and key. */
type Rows = Map<string, Map<string, string>>

interface Checked {
  readonly model: ReadModel
  readonly checkpoint: Checkpoint
  /** Of tables whose rows are on disk alone: a projection does not keep them. */
  readonly onDisk: Rows
}

/** Compares what is written down of the read models with what the log says, row by row. */
export class ReadModelCheck {
  readonly #database: ReadModelDatabase
  readonly #checked: readonly Checked[]

  /** @param database nothing in it is changed; whoever opened it closes it */
  constructor(database: ReadModelDatabase) {
    this.#database = database
    const checkpoints = this.#database.checkpoints()
    this.#checked = Object.values(PROJECTIONS).flatMap(projection => {
      const { name, version } = projection
      const checkpoint = checkpoints.find(found => found.name === name && found.version === version)
      const model = new ReadModel<Record<string, unknown>>(projection as unknown as AnyProjection)
      // Only what is on disk is compared: that it goes on from there is for the next start.
      model.history.giveUp()
      return checkpoint === undefined ? [] : [{ model, checkpoint, onDisk: new Map() }]
    })
  }

  /** To be given every event of the log, in order. */
  project(event: HarkEvent): void {
    for (const { model, checkpoint, onDisk } of this.#checked) {
      if (event.position > checkpoint.position) continue
      for (const change of model.project(event)) if (this.#isOnDiskOnly(model, change)) note(onDisk, change)
    }
  }

  #isOnDiskOnly({ projection }: ReadModel, { table }: Change): boolean {
    return projection.tables[table]?.onDiskOnly === true
  }

  /** How many rows there are to be, and which are not as they should be. @param logEnd the position of the last event */
  findings(logEnd: Position): { readonly rows: number; readonly findings: Finding[] } {
    const findings: Finding[] = []
    let rows = 0
    for (const { model, checkpoint, onDisk } of this.#checked) {
      const name = modelKey(model.id)
      if (checkpoint.position > logEnd) {
        findings.push({ place: name, fault: `it goes up to position ${checkpoint.position}, where the log does not` })
        continue
      }
      const expected = new Map<string, string>()
      for (const [table, { history }] of Object.entries(model.projection.tables)) {
        const keys = onDisk.get(table) ?? asJson(model, table)
        for (const [key, row] of keys) {
          expected.set(`${table} ${key}`, row)
          if (history !== undefined) findings.push(...this.#pastFindings(name, table, key, row, checkpoint.position))
        }
      }
      rows += expected.size
      for (const [table, key, row] of this.#database.rows(model.id)) {
        const place = `${name} ${table} ${key}`
        const wanted = expected.get(`${table} ${key}`)
        expected.delete(`${table} ${key}`)
        if (wanted === undefined) findings.push({ place, fault: 'the log leads to no such row' })
        else if (wanted !== row) findings.push({ place, fault: 'the row is not what the log leads to' })
      }
      for (const missing of expected.keys()) findings.push({ place: `${name} ${missing}`, fault: 'the row is missing' })
    }
    return { rows, findings }
  }

  #pastFindings(model: string, table: string, key: string, row: string, position: Position): Finding[] {
    const then = this.#database.versions.row(scopeOf(model, table), key, position)
    if (isDeepStrictEqual(then, JSON.parse(row))) return []
    return [{ place: `${model} ${table} ${key}`, fault: 'its history does not end with what it is' }]
  }
}

const asJson = ({ tables }: ReadModel, table: string): Iterable<readonly [string, string]> => {
  const found = tables[table]
  return (found?.sortedKeys() ?? []).map(key => [key, JSON.stringify(found?.get(key))])
}

const note = (rows: Rows, { table, key, after }: Change): void => {
  const known = rows.get(table) ?? new Map<string, string>()
  rows.set(table, known)
  if (after === undefined) known.delete(key)
  else known.set(key, JSON.stringify(after))
}
