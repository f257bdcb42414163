import type { ConnectorRow } from '../../projections/connector-status.ts'
import { rowOf } from '../../projections/kit/table.ts'
import type { ConnectorCandidate, ListenerRow } from '../../projections/listener-status.ts'
import { type EntityRow, type ExposingListener, entityOf } from '../../projections/router-config/tables.ts'
import { matchIndex, seenIdentity, seenKey } from '../../projections/shared/match-status.ts'
import type { RouterConnection } from '../../projections/shared/router-connection.ts'
import { profileKey } from '../../projections/tls-profiles.ts'
import { connectorStream, listenerStream } from '../../schemas/events/streams.ts'
import { DEFAULT_CERTIFICATES, type RouterAttributes, type RouterEntity } from '../../schemas/router-entities.ts'
import type { LiveReadModels } from '../engine/engine.ts'
import type { Projected } from '../engine/read-models/projector.ts'

/** What Hark gives a router: the types of entities, in the order in which one needs the other. */
export const MANAGED_TYPES = ['sslProfile', 'tcpListener', 'tcpConnector'] as const
export type DrivenType = (typeof MANAGED_TYPES)[number]
export type DrivenEntity = RouterEntity<DrivenType>

/** What an event changed for one site. */
export interface SiteChange {
  /** Of entities that the router is to have from now on, is to have otherwise, or is not to have any more. */
  readonly entities: readonly { readonly type: DrivenType; readonly name: string }[]
  /** Names of listeners whose row changed, came or went. */
  readonly listeners: readonly string[]
  readonly connectors: readonly string[]
}

/** Everything may be another: a rebuilt read model took the place of the one before. */
export type SiteObserver = (change: SiteChange | 'everything') => void

/** An additional tcpListener, with the listener that it belongs to and the target on the network that it stands for. */
export interface ExposedTarget {
  readonly name: string
  readonly host: string
  readonly port: string
  readonly listener: string
  readonly target: string
}

const exposedTargetOf = (row: EntityRow | undefined): ExposedTarget | undefined => {
  if (row?.exposes === undefined) return undefined
  const { host, port } = row.attributes as RouterAttributes<'tcpListener'>
  return { name: row.name, host, port, ...row.exposes }
}

/** What the log says of one site: what its router is to hold, and what it was last reported to hold and see. */
export interface SiteState {
  readonly namespace: string
  link(): RouterConnection | undefined
  /** Where the router finds bundles of TLS credentials. */
  certificates(): string
  /** What the router is to hold of Hark's, profiles first. */
  desired(): readonly DrivenEntity[]
  desiredEntity(type: DrivenType, name: string): DrivenEntity | undefined
  /** The bundle of TLS credentials that a profile is made of. */
  bundleOf(profile: string): string | undefined
  /** Whether the router was to have this profile once, and is not to have it any more. */
  isRetiredProfile(name: string): boolean
  listeners(): Iterable<ListenerRow>
  listener(name: string): ListenerRow | undefined
  listenersOf(routingKey: string): readonly ListenerRow[]
  /** Those that get an additional tcpListener for each target on the network. */
  exposing(): Iterable<ExposingListener>
  /** The additional tcpListeners of a listener, by target. */
  targetsOf(listener: string): readonly ExposedTarget[]
  /** The additional tcpListener of this name on the router. */
  exposedTarget(entityName: string): ExposedTarget | undefined
  connectors(): Iterable<ConnectorRow>
  connectorsOf(routingKey: string): readonly ConnectorRow[]
  connector(name: string): ConnectorRow | undefined
  /** What the router was reported to see on the network, by the network's identities. */
  seenConnectors(): readonly string[]
  seenConnector(identity: string): ConnectorCandidate | undefined
  seenListeners(): readonly string[]
  seenListenersOf(routingKey: string): readonly string[]
  /** The routing key of a listener that the router was reported to see. */
  seenListener(identity: string): string | undefined
  /**
   * Returns what ends it.
   *
   * @param onFailure called where the observer threw, or could not be told: it has missed a change
   */
  onChange(observer: SiteObserver, onFailure: (error: unknown) => void): () => void
}

const isDriven = <Row extends RouterEntity>(row: Row): row is Row & DrivenEntity =>
  (MANAGED_TYPES as readonly string[]).includes(row.type)

/** Where the projection keeps an entity, by its name on the router. */
const keyOf = (namespace: string, type: DrivenType, name: string): string => {
  const bare = name.slice(name.indexOf('/') + 1)
  if (type === 'sslProfile') return profileKey(namespace, name)
  return type === 'tcpListener' ? listenerStream(namespace, bare) : connectorStream(namespace, bare)
}

const changeIn = (namespace: string, { changes }: Projected): SiteChange | undefined => {
  const ofSite = <Row extends { readonly namespace: string }>(row: Row): Row[] =>
    row.namespace === namespace ? [row] : []
  const entities = (changes.routerConfig ?? [])
    .flatMap(change => (change.table === 'entities' ? ofSite(rowOf(change)) : []))
    .filter(isDriven)
    .map(({ type, name }) => ({ type, name }))
  const listeners = (changes.listenerStatus ?? [])
    .flatMap(change => (change.table === 'listeners' ? ofSite(rowOf(change)) : []))
    .map(({ name }) => name)
  const connectors = (changes.connectorStatus ?? [])
    .flatMap(change => (change.table === 'connectors' ? ofSite(rowOf(change)) : []))
    .map(({ name }) => name)
  if (entities.length + listeners.length + connectors.length === 0) return undefined
  return { entities, listeners, connectors }
}

export const createSiteState = (namespace: string, models: LiveReadModels): SiteState => {
  const listenerTables = () => models.serving.listenerStatus.tables
  const connectorTables = () => models.serving.connectorStatus.tables
  const configTables = () => models.serving.routerConfig.tables
  const identities = (keys: Iterable<string>): string[] => [...keys].map(key => seenIdentity(namespace, key))

  return {
    namespace,
    link: () => models.serving.sites.tables.routers.get(namespace),
    certificates: () => configTables().certificates.get(namespace)?.folder ?? DEFAULT_CERTIFICATES,
    desired: () =>
      [...configTables().entities.where('namespace', namespace)]
        .map(entityOf)
        .filter(isDriven)
        .sort((a, b) => MANAGED_TYPES.indexOf(a.type) - MANAGED_TYPES.indexOf(b.type)),
    desiredEntity: (type, name) => {
      const row = configTables().entities.get(keyOf(namespace, type, name))
      const entity = row && entityOf(row)
      return entity !== undefined && isDriven(entity) ? entity : undefined
    },
    bundleOf: profile => configTables().entities.get(keyOf(namespace, 'sslProfile', profile))?.bundle,
    isRetiredProfile: name => configTables().retired.get(keyOf(namespace, 'sslProfile', name)) !== undefined,
    listeners: () => listenerTables().listeners.where('namespace', namespace),
    listener: name => listenerTables().listeners.get(listenerStream(namespace, name)),
    listenersOf: routingKey =>
      [...listenerTables().listeners.where('routingKey', routingKey)].filter(row => row.namespace === namespace),
    exposing: () => configTables().exposing.where('namespace', namespace),
    targetsOf: listener =>
      [...configTables().entities.where('exposes', listenerStream(namespace, listener))]
        .map(exposedTargetOf)
        .filter(target => target !== undefined)
        .sort((a, b) => (a.target < b.target ? -1 : 1)),
    exposedTarget: name => exposedTargetOf(configTables().entities.get(keyOf(namespace, 'tcpListener', name))),
    connectorsOf: routingKey =>
      [...connectorTables().connectors.where('routingKey', routingKey)].filter(row => row.namespace === namespace),
    connectors: () => connectorTables().connectors.where('namespace', namespace),
    connector: name => connectorTables().connectors.get(connectorStream(namespace, name)),
    seenConnectors: () => identities(listenerTables().connectors.keysWhere('seenFrom', namespace)),
    seenConnector: identity => listenerTables().connectors.get(seenKey(namespace, identity)),
    seenListeners: () => identities(connectorTables().listeners.keysWhere('seenFrom', namespace)),
    seenListenersOf: routingKey =>
      identities(connectorTables().listeners.keysWhere('match', matchIndex(routingKey, namespace))),
    seenListener: identity => connectorTables().listeners.get(seenKey(namespace, identity))?.routingKey,
    onChange: (observer, onFailure) => {
      const ends = [
        models.onProjected(projected => {
          const change = changeIn(namespace, projected)
          if (change !== undefined) observer(change)
        }, onFailure),
        models.onSwap(() => observer('everything'), onFailure),
      ]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}
