import type { ListenerRow } from '../../../projections/listener-status.ts'
import { entitiesOf } from '../../../projections/router-config/router-config.ts'
import { resourceStatus } from '../../../projections/shared/evaluate-conditions.ts'
import { detached, type RouterConnection } from '../../../projections/shared/router-connection.ts'
import type { SiteRow } from '../../../projections/sites.ts'
import type { ConditionedKind } from '../../../schemas/resources/kinds.ts'
import { labelSelector } from '../../../schemas/resources/label-selector.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import type { RouterEntity } from '../../../schemas/router-entities.ts'
import { type QueriedTables, tableOf } from '../read-models/projections.ts'
import type { RowOf } from '../resources/registry.ts'
import { type MatchingConnector, matchingConnectors } from './matching-connectors.ts'
import { keysOf, pageOf, placeByTime } from './pagination.ts'
import { type ReachedSite, reachedSites } from './reached-sites.ts'
import type { Page, ResourceFilter, ResourcePageRequest } from './types.ts'

export class Queries {
  readonly #tables: () => QueriedTables

  /** @param tables called for each query, because rebuilds replace tables */
  constructor(tables: () => QueriedTables) {
    this.#tables = tables
  }

  resource<K extends ConditionedKind>(kind: K, namespace: string, name: string): RowOf<K> | undefined {
    return tableOf(this.#tables(), kind).get(RESOURCES[kind].stream(namespace, name))
  }

  resources<K extends ConditionedKind>(
    kind: K,
    { namespace, routingKey, labelSelector: selector, status }: ResourceFilter,
    page: ResourcePageRequest,
  ): Page<RowOf<K>> {
    const table = tableOf(this.#tables(), kind)
    const index = routingKey === undefined ? undefined : { name: 'routingKey', value: routingKey }
    const all = keysOf(table, RESOURCES[kind].stream, namespace, index)
    const isSelected = selector === undefined ? undefined : labelSelector(selector)
    const keys = isSelected === undefined ? all : all.filter(key => isSelected(table.get(key)?.labels))
    const conditionsOf = (key: string) => (table.get(key) as RowOf<K>).conditions
    const wanted = status === undefined ? keys : keys.filter(key => resourceStatus(conditionsOf(key)) === status)
    if (page.orderBy !== 'StatusChanged') return pageOf(table, wanted, page)
    const places = wanted.map(key => placeByTime(key, conditionsOf(key).Ready.lastTransitionTime)).sort()
    return pageOf(table, places, page)
  }

  matchingConnectors(listener: ListenerRow): MatchingConnector[] {
    return matchingConnectors(this.#tables(), listener)
  }

  sites(): SiteRow[] {
    const { sites, undeclared } = this.#tables().sites
    const keys = [...sites.sortedKeys(), ...undeclared.sortedKeys()].sort()
    return keys.flatMap(key => sites.get(key) ?? undeclared.get(key) ?? [])
  }

  router(site: SiteRow): RouterConnection {
    return this.#tables().sites.routers.get(site.namespace) ?? detached(site.creationTimestamp)
  }

  reachedSites(site: SiteRow): ReachedSite[] {
    const { listenerStatus, sites } = this.#tables()
    if (listenerStatus.routers.get(site.namespace)?.connection !== 'Connected') return []
    return reachedSites(listenerStatus.connectors, sites.sites, site)
  }

  entities(namespace: string): RouterEntity[] {
    return entitiesOf(this.#tables().routerConfig, namespace)
  }
}
