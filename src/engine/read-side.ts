import { resourceStatus } from '../../projections/conditions.ts'
import { matchingConnectors } from '../../projections/listener-status.ts'
import { entitiesOf } from '../../projections/router-config.ts'
import { NO_ROUTER } from '../../projections/router-link.ts'
import { connectorStream, listenerStream } from '../../schemas/streams.ts'
import type { EventStore } from '../store/event-store.ts'
import type { MatchingConnector, ReadSide } from './engine.ts'
import { readEvents, readHistory } from './event-history.ts'
import { keysOf, pageOf } from './paging.ts'
import type { Projector } from './projector.ts'
import type { ReadModels } from './read-models.ts'

const byKindAndName = (a: { kind: string; namespace: string; name: string }, b: typeof a): number =>
  a.kind.localeCompare(b.kind) || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name)

/** Answers queries from the read models. */
export const createReadSide = (models: ReadModels, projector: Projector, store: EventStore): ReadSide => {
  const listenerTables = () => models.serving.listenerStatus.tables
  const connectorTables = () => models.serving.connectorStatus.tables
  const siteTables = () => models.serving.sites.tables

  return {
    head: () => projector.head,

    listener: (namespace, name) => listenerTables().listeners.get(listenerStream(namespace, name)),
    listeners: ({ namespace, routingKey, status }, page) => {
      const { listeners } = listenerTables()
      const keys = keysOf(
        listeners,
        listenerStream,
        namespace,
        routingKey === undefined ? undefined : { name: 'routingKey', value: routingKey },
      )
      const wanted =
        status === undefined
          ? keys
          : keys.filter(
              key =>
                resourceStatus((listeners.get(key) as NonNullable<ReturnType<typeof listeners.get>>).conditions) ===
                status,
            )
      return pageOf(listeners, wanted, page)
    },

    connector: (namespace, name) => connectorTables().connectors.get(connectorStream(namespace, name)),
    connectors: ({ namespace, routingKey }, page) => {
      const { connectors } = connectorTables()
      return pageOf(
        connectors,
        keysOf(
          connectors,
          connectorStream,
          namespace,
          routingKey === undefined ? undefined : { name: 'routingKey', value: routingKey },
        ),
        page,
      )
    },

    sites: () => {
      const { sites, undeclared } = siteTables()
      const keys = [...sites.sortedKeys(), ...undeclared.sortedKeys()].sort()
      return keys.flatMap(key => sites.get(key) ?? undeclared.get(key) ?? [])
    },
    router: site =>
      siteTables().routers.get(site.namespace) ?? {
        connection: 'Detached',
        message: NO_ROUTER,
        since: site.creationTimestamp,
      },

    matchingConnectors: listener =>
      matchingConnectors(listenerTables(), listener)
        .map(({ seenFrom: _, namespace, site, ...connector }): MatchingConnector => {
          const at =
            site ?? (namespace === undefined ? undefined : (siteTables().sites.get(namespace)?.name ?? namespace))
          return { ...connector, ...(at && { site: at }) }
        })
        .sort(
          (a, b) =>
            a.since.localeCompare(b.since) ||
            String(a.site).localeCompare(String(b.site)) ||
            String(a.name).localeCompare(String(b.name)),
        ),

    routerConfig: namespace => ({
      namespace,
      position: projector.head.position,
      entities: entitiesOf(models.serving.routerConfig.tables, namespace),
    }),

    routingKeyUses: routingKey =>
      [...models.serving.routingKeys.tables.uses.where('routingKey', routingKey)].sort(byKindAndName),

    events: (filter, page) => readEvents(store, filter, page),
    history: (kind, namespace, name, page) => readHistory(store, kind, namespace, name, page),
  }
}
