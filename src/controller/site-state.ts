import type { ConnectorRow } from '../../projections/connector-status.ts'
import { rowOf } from '../../projections/kit/table.ts'
import type { ConnectorCandidate, ListenerRow } from '../../projections/listener-status.ts'
import {
  type EndpointHolder,
  type ExposedTargetRow,
  type ExposingListener,
  entityOf,
} from '../../projections/router-config/tables.ts'
import { matchIndex, seenIdentity, seenKey } from '../../projections/shared/match-status.ts'
import type { RouterConnection } from '../../projections/shared/router-connection.ts'
import { profileKey } from '../../projections/tls-profiles.ts'
import { connectorStream, listenerStream } from '../../schemas/events/streams.ts'
import { DEFAULT_CERTIFICATES, type RouterEntity } from '../../schemas/router-entities.ts'
import type { LiveReadModels } from '../engine/engine.ts'
import type { Projected } from '../engine/read-models/projector.ts'

/** Each type follows those that it refers to. */
export const MANAGED_TYPES = ['sslProfile', 'tcpListener', 'tcpConnector'] as const
export type ManagedType = (typeof MANAGED_TYPES)[number]
export type ManagedEntity = RouterEntity<ManagedType>

export interface SiteChange {
  readonly entities: readonly { readonly type: ManagedType; readonly name: string }[]
  readonly listeners: readonly string[]
  readonly connectors: readonly string[]
}

/** `everything`: a rebuilt read model is in use. */
export type SiteObserver = (change: SiteChange | 'everything') => void

export interface ExposedTarget {
  readonly name: string
  readonly listener: string
  readonly target: string
  readonly port: number
  /** Set if something else holds its host and port, so that it has no tcpListener. */
  readonly holder?: EndpointHolder
}

const exposedTargetOf = ({ namespace: _, ...row }: ExposedTargetRow): ExposedTarget => ({
  name: `listener/${row.listener}@${row.target}`,
  ...row,
})

export interface SiteState {
  readonly namespace: string
  connection(): RouterConnection | undefined
  certificates(): string
  /** Profiles first. */
  desired(): readonly ManagedEntity[]
  desiredEntity(type: ManagedType, name: string): ManagedEntity | undefined
  bundleOf(profile: string): string | undefined
  isRetiredProfile(name: string): boolean
  listeners(): Iterable<ListenerRow>
  listener(name: string): ListenerRow | undefined
  listenersOf(routingKey: string): readonly ListenerRow[]
  exposing(): Iterable<ExposingListener>
  /** Ordered by target. */
  targetsOf(listener: string): readonly ExposedTarget[]
  exposedTarget(entityName: string): ExposedTarget | undefined
  connectors(): Iterable<ConnectorRow>
  connectorsOf(routingKey: string): readonly ConnectorRow[]
  connector(name: string): ConnectorRow | undefined
  /** The identities that the router was last reported to see. */
  seenConnectors(): readonly string[]
  seenConnector(identity: string): ConnectorCandidate | undefined
  seenListeners(): readonly string[]
  seenListenersOf(routingKey: string): readonly string[]
  seenListener(identity: string): string | undefined
  /** Returns a function that ends the subscription. */
  onChange(observer: SiteObserver, onFailure: (error: unknown) => void): () => void
}

const isManaged = <Row extends RouterEntity>(row: Row): row is Row & ManagedEntity =>
  (MANAGED_TYPES as readonly string[]).includes(row.type)

const keyOf = (namespace: string, type: ManagedType, name: string): string => {
  const bare = name.slice(name.indexOf('/') + 1)
  if (type === 'sslProfile') return profileKey(namespace, name)
  return type === 'tcpListener' ? listenerStream(namespace, bare) : connectorStream(namespace, bare)
}

const changeIn = (namespace: string, { changes }: Projected): SiteChange | undefined => {
  const ofSite = <Row extends { readonly namespace: string }>(row: Row): Row[] =>
    row.namespace === namespace ? [row] : []
  const entities = (changes.routerConfig ?? [])
    .flatMap(change => (change.table === 'entities' ? [change] : []))
    // Removed entities may free the host and port of others.
    .sort((a, b) => Number(b.kind === 'removed') - Number(a.kind === 'removed'))
    .flatMap(change => ofSite(rowOf(change)))
    .filter(isManaged)
    .map(({ type, name }) => ({ type, name }))
  const exposing = (changes.routerConfig ?? [])
    .flatMap(change => (change.table === 'exposed' ? ofSite(rowOf(change)) : []))
    .map(({ listener }) => listener)
  const changedListeners = (changes.listenerStatus ?? [])
    .flatMap(change => (change.table === 'listeners' ? ofSite(rowOf(change)) : []))
    .map(({ name }) => name)
  const listeners = [...new Set([...changedListeners, ...exposing])]
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
    connection: () => models.serving.sites.tables.routers.get(namespace),
    certificates: () => configTables().certificates.get(namespace)?.folder ?? DEFAULT_CERTIFICATES,
    desired: () =>
      [...configTables().entities.where('namespace', namespace)]
        .map(entityOf)
        .filter(isManaged)
        .sort((a, b) => MANAGED_TYPES.indexOf(a.type) - MANAGED_TYPES.indexOf(b.type)),
    desiredEntity: (type, name) => {
      const row = configTables().entities.get(keyOf(namespace, type, name))
      const entity = row && entityOf(row)
      return entity !== undefined && isManaged(entity) ? entity : undefined
    },
    bundleOf: profile => configTables().entities.get(keyOf(namespace, 'sslProfile', profile))?.bundle,
    isRetiredProfile: name => configTables().retired.get(keyOf(namespace, 'sslProfile', name)) !== undefined,
    listeners: () => listenerTables().listeners.where('namespace', namespace),
    listener: name => listenerTables().listeners.get(listenerStream(namespace, name)),
    listenersOf: routingKey =>
      [...listenerTables().listeners.where('routingKey', routingKey)].filter(row => row.namespace === namespace),
    exposing: () => configTables().exposing.where('namespace', namespace),
    targetsOf: listener =>
      [...configTables().exposed.where('listener', listenerStream(namespace, listener))]
        .map(exposedTargetOf)
        .sort((a, b) => (a.target < b.target ? -1 : 1)),
    exposedTarget: name => {
      const row = configTables().exposed.get(keyOf(namespace, 'tcpListener', name))
      return row && exposedTargetOf(row)
    },
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
