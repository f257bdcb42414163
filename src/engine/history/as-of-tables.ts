import type { QueriedTable, TableDefinition } from '../../../projections/kit/table.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { KINDS } from '../../../schemas/resources/kinds.ts'
import { namespaceOf, type QueriedModel, type QueriedTables, queriedTables } from '../read-models/projections.ts'
import { modelOf } from '../resources/registry.ts'
import { scopeOf } from './row-version.ts'
import type { Unobserved } from './types.ts'
import type { VersionStore } from './version-store.ts'

type Adjust<Row> = (row: Row, key: string) => Row

class PastTable<Row> implements QueriedTable<Row> {
  readonly #versions: VersionStore
  readonly #scope: string
  readonly #position: Position
  readonly #definition: TableDefinition<Row>
  readonly #adjust: Adjust<Row>
  readonly #rows = new Map<string, Row | undefined>()
  readonly #keys = new Map<string, readonly string[]>()

  constructor(
    versions: VersionStore,
    scope: string,
    position: Position,
    definition: TableDefinition<Row>,
    adjust: Adjust<Row>,
  ) {
    this.#versions = versions
    this.#scope = scope
    this.#position = position
    this.#definition = definition
    this.#adjust = adjust
  }

  get(key: string): Row | undefined {
    if (!this.#rows.has(key)) this.#add(key, this.#versions.row(this.#scope, key, this.#position))
    return this.#rows.get(key)
  }

  #add(key: string, row: object | undefined): void {
    this.#rows.set(key, row && this.#adjust(row as Row, key))
  }

  keysWhere(index: string, value: string): readonly string[] {
    const { indexes, history } = this.#definition
    const indexKey = indexes?.[index]
    const isKept = history?.indexes.includes(index) ?? false
    const candidates = isKept ? this.#versions.keysFiled(this.#scope, index, value) : this.sortedKeys()
    return candidates.filter(key => {
      const row = this.get(key)
      return row !== undefined && indexKey?.(row) === value
    })
  }

  *where(index: string, value: string): Iterable<Row> {
    for (const key of this.keysWhere(index, value)) yield this.get(key) as Row
  }

  sortedKeys(): readonly string[] {
    return this.keysWithPrefix('')
  }

  keysWithPrefix(prefix: string): readonly string[] {
    const known = this.#keys.get(prefix)
    if (known !== undefined) return known
    const rows = this.#versions.rows(this.#scope, prefix, this.#position)
    for (const [key, row] of rows) if (!this.#rows.has(key)) this.#add(key, row)
    const keys = [...rows.keys()]
    this.#keys.set(prefix, keys)
    return keys
  }
}

export type ModelKeys = Readonly<Record<QueriedModel, string>>

type WhenUnobserved = (row: unknown, since: string) => unknown

const WHEN_UNOBSERVED = new Map<string, WhenUnobserved>(
  KINDS.map(modelOf).flatMap(({ model, unobserved }) =>
    Object.entries(unobserved).map(([table, adjust]) => [scopeOf(model, table), adjust as WhenUnobserved]),
  ),
)

export const pastTables = (
  versions: VersionStore,
  models: ModelKeys,
  position: Position,
  unobserved: Unobserved = new Map(),
): QueriedTables => {
  const adjustBy = (whenUnobserved: WhenUnobserved | undefined): Adjust<unknown> => {
    if (whenUnobserved === undefined || unobserved.size === 0) return row => row
    return (row, key) => {
      const since = unobserved.get(namespaceOf(row, key))
      return since === undefined ? row : whenUnobserved(row, since)
    }
  }
  return queriedTables((model, table, definition) => {
    const adjust = adjustBy(WHEN_UNOBSERVED.get(scopeOf(model, table)))
    return new PastTable(versions, scopeOf(models[model], table), position, definition, adjust)
  })
}
