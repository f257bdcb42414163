import type { ConnectorRow, ConnectorStatusRows } from '../../../projections/connector-status.ts'
import type { QueriedTable } from '../../../projections/kit/table.ts'
import { type ListenerRow, type ListenerStatusRows, matchingConnectors } from '../../../projections/listener-status.ts'
import { entitiesOf } from '../../../projections/router-config/router-config.ts'
import type { RouterConfigRows } from '../../../projections/router-config/tables.ts'
import { resourceStatus } from '../../../projections/shared/conditions.ts'
import { detached, type RouterConnection } from '../../../projections/shared/router-connection.ts'
import type { SiteRow, SitesRows } from '../../../projections/sites.ts'
import { connectorStream, listenerStream } from '../../../schemas/events/streams.ts'
import type { RouterEntity } from '../../../schemas/router-entities.ts'
import { compareText } from '../../lib/compare.ts'
import { keysOf, pageOf } from './pagination.ts'
import { reachedSites } from './reached-sites.ts'
import type { ConnectorFilter, ListenerFilter, MatchingConnector, Page, PageRequest, ReachedSite } from './types.ts'

type Queried<Rows, Names extends keyof Rows> = { readonly [Name in Names]: QueriedTable<Rows[Name]> }

export interface QueriedTables {
  readonly listenerStatus: Queried<ListenerStatusRows, 'listeners' | 'connectors' | 'routers'>
  readonly connectorStatus: Queried<ConnectorStatusRows, 'connectors'>
  readonly sites: Queried<SitesRows, 'sites' | 'undeclared' | 'routers'>
  readonly routerConfig: Queried<RouterConfigRows, 'sites' | 'entities'>
}

const byAgeSiteAndName = (a: MatchingConnector, b: MatchingConnector): number =>
  compareText(a.since, b.since) ||
  compareText(String(a.site), String(b.site)) ||
  compareText(String(a.name), String(b.name))

export class Queries {
  readonly #tables: QueriedTables

  constructor(tables: QueriedTables) {
    this.#tables = tables
  }

  listener(namespace: string, name: string): ListenerRow | undefined {
    return this.#tables.listenerStatus.listeners.get(listenerStream(namespace, name))
  }

  listeners({ namespace, routingKey, status }: ListenerFilter, page: PageRequest): Page<ListenerRow> {
    const { listeners } = this.#tables.listenerStatus
    const index = routingKey === undefined ? undefined : { name: 'routingKey', value: routingKey }
    const keys = keysOf(listeners, listenerStream, namespace, index)
    const isWanted = (key: string) => resourceStatus((listeners.get(key) as ListenerRow).conditions) === status
    return pageOf(listeners, status === undefined ? keys : keys.filter(isWanted), page)
  }

  connector(namespace: string, name: string): ConnectorRow | undefined {
    return this.#tables.connectorStatus.connectors.get(connectorStream(namespace, name))
  }

  connectors({ namespace, routingKey }: ConnectorFilter, page: PageRequest): Page<ConnectorRow> {
    const { connectors } = this.#tables.connectorStatus
    const index = routingKey === undefined ? undefined : { name: 'routingKey', value: routingKey }
    return pageOf(connectors, keysOf(connectors, connectorStream, namespace, index), page)
  }

  matchingConnectors(listener: ListenerRow): MatchingConnector[] {
    const { sites } = this.#tables.sites
    return matchingConnectors(this.#tables.listenerStatus, listener)
      .map(({ seenFrom: _, namespace, site, ...connector }): MatchingConnector => {
        const at = site ?? (namespace === undefined ? undefined : (sites.get(namespace)?.name ?? namespace))
        return { ...connector, ...(namespace && { namespace }), ...(at && { site: at }) }
      })
      .sort(byAgeSiteAndName)
  }

  sites(): SiteRow[] {
    const { sites, undeclared } = this.#tables.sites
    const keys = [...sites.sortedKeys(), ...undeclared.sortedKeys()].sort()
    return keys.flatMap(key => sites.get(key) ?? undeclared.get(key) ?? [])
  }

  router(site: SiteRow): RouterConnection {
    return this.#tables.sites.routers.get(site.namespace) ?? detached(site.creationTimestamp)
  }

  reachedSites(site: SiteRow): ReachedSite[] {
    const { listenerStatus, sites } = this.#tables
    if (listenerStatus.routers.get(site.namespace)?.connection !== 'Connected') return []
    return reachedSites(listenerStatus.connectors, sites.sites, site)
  }

  entities(namespace: string): RouterEntity[] {
    return entitiesOf(this.#tables.routerConfig, namespace)
  }
}
