import { type ConnectorRow, connectorStatus } from '../../../projections/connector-status.ts'
import type { QueriedTable, TableDefinition } from '../../../projections/kit/table.ts'
import { type ListenerRow, listenerStatus } from '../../../projections/listener-status.ts'
import { routerConfig } from '../../../projections/router-config/router-config.ts'
import { asUnobserved, notObserved } from '../../../projections/shared/observation.ts'
import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import { sites } from '../../../projections/sites.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { QueriedTables } from '../queries/queries.ts'
import { scopeOf } from './row-version.ts'
import type { Unobserved } from './types.ts'
import type { VersionStore } from './version-store.ts'

class PastTable<Row> implements QueriedTable<Row> {
  readonly #versions: VersionStore
  readonly #scope: string
  readonly #position: Position
  readonly #definition: TableDefinition<Row>
  readonly #known: (row: Row, key: string) => Row
  readonly #rows = new Map<string, Row | undefined>()

  constructor(
    versions: VersionStore,
    scope: string,
    position: Position,
    definition: TableDefinition<Row>,
    known: (row: Row, key: string) => Row = row => row,
  ) {
    this.#versions = versions
    this.#scope = scope
    this.#position = position
    this.#definition = definition
    this.#known = known
  }

  get(key: string): Row | undefined {
    if (!this.#rows.has(key)) {
      const row = this.#versions.row(this.#scope, key, this.#position) as Row | undefined
      this.#rows.set(key, row && this.#known(row, key))
    }
    return this.#rows.get(key)
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
    return this.#versions.keys(this.#scope, prefix).filter(key => this.get(key) !== undefined)
  }
}

export type ModelKeys = { readonly [Name in keyof QueriedTables]: string }

/** @param unobserved namespaces whose routers were not watched */
export const pastTables = (
  versions: VersionStore,
  models: ModelKeys,
  position: Position,
  unobserved: Unobserved = new Map(),
): QueriedTables => {
  const table = <Row>(
    model: string,
    name: string,
    definition: TableDefinition<Row>,
    known?: (row: Row, key: string) => Row,
  ): PastTable<Row> => new PastTable(versions, scopeOf(model, name), position, definition, known)
  const knownListener = (row: ListenerRow): ListenerRow => {
    const since = unobserved.get(row.namespace)
    return since === undefined ? row : { ...asUnobserved(row, since), hasMatchingConnector: false }
  }
  const knownConnector = (row: ConnectorRow): ConnectorRow => {
    const since = unobserved.get(row.namespace)
    return since === undefined ? row : { ...asUnobserved(row, since), hasMatchingListener: false }
  }
  const knownRouter = (row: RouterConnection, namespace: string): RouterConnection => {
    const since = unobserved.get(namespace)
    if (since === undefined || row.connection === 'Detached') return row
    return { ...row, connection: 'Connecting', message: notObserved(since).message, since, unobservedSince: since }
  }
  const { listenerStatus: listeners, connectorStatus: connectors, sites: site, routerConfig: config } = models
  return {
    listenerStatus: {
      listeners: table(listeners, 'listeners', listenerStatus.tables.listeners, knownListener),
      connectors: table(listeners, 'connectors', listenerStatus.tables.connectors),
      routers: table(listeners, 'routers', listenerStatus.tables.routers),
    },
    connectorStatus: { connectors: table(connectors, 'connectors', connectorStatus.tables.connectors, knownConnector) },
    sites: {
      sites: table(site, 'sites', sites.tables.sites),
      undeclared: table(site, 'undeclared', sites.tables.undeclared),
      routers: table(site, 'routers', sites.tables.routers, knownRouter),
    },
    routerConfig: {
      sites: table(config, 'sites', routerConfig.tables.sites),
      entities: table(config, 'entities', routerConfig.tables.entities),
    },
  }
}
