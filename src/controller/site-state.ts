import { rowOf } from '../../projections/kit/table.ts'
import type { ConnectorCandidate } from '../../projections/listener-status.ts'
import { type ExposedTargetRow, type ExposingListener, entityOf } from '../../projections/router-config/tables.ts'
import { matchIndex, seenIdentity, seenKey } from '../../projections/shared/match-status.ts'
import type { RouterConnection } from '../../projections/shared/router-connection.ts'
import { profileKey } from '../../projections/tls-profiles.ts'
import { listenerStream } from '../../schemas/events/streams.ts'
import { CONDITIONED_KINDS, type ConditionedKind } from '../../schemas/resources/kinds.ts'
import { RESOURCES } from '../../schemas/resources/registry.ts'
import {
  DEFAULT_CERTIFICATES,
  MANAGED_TYPES,
  type ManagedType,
  ownerOf,
  type ResourceId,
  type RouterEntity,
  targetEntityName,
} from '../../schemas/router-entities.ts'
import type { LiveReadModels } from '../engine/engine.ts'
import type { Projected } from '../engine/read-models/projector.ts'
import type { NetworkEndpoint } from '../router/vanflow/network-view.ts'
import type { ManagedEntity } from './entities/managed-entity.ts'
import type { ControlledRow } from './kinds/kind.ts'
import { CONTROLLED, controlled, type RowOf } from './kinds/registry.ts'
import type { ExposedTarget } from './reports/target-failures.ts'

export interface Resource {
  readonly kind: ConditionedKind
  readonly row: ControlledRow
}

export interface SiteChange {
  readonly entities: readonly { readonly type: ManagedType; readonly name: string }[]
  readonly resources: readonly ResourceId[]
}

/** `everything`: a rebuilt read model is in use, or sites have other names. */
export type SiteObserver = (change: SiteChange | 'everything') => void

const exposedTargetOf = ({ namespace: _, ...row }: ExposedTargetRow): ExposedTarget => ({
  name: targetEntityName(row.listener, row.target),
  ...row,
})

export interface SiteState {
  readonly namespace: string
  connection(): RouterConnection | undefined
  certificates(): string
  desired(): readonly ManagedEntity[]
  desiredEntity(type: ManagedType, name: string): ManagedEntity | undefined
  addressesOf(listener: string): readonly string[]
  bundleOf(profile: string): string | undefined
  isRetiredProfile(name: string): boolean
  /** In the order of CONDITIONED_KINDS. */
  resources(): readonly Resource[]
  rows<K extends ConditionedKind>(kind: K): Iterable<RowOf<K>>
  row<K extends ConditionedKind>(kind: K, name: string): RowOf<K> | undefined
  /** The present name of the site of an endpoint, which VanFlow has under the name that its router was started with. */
  siteOf(endpoint: Pick<NetworkEndpoint, 'site' | 'router'>): string | undefined
  matching(endpoint: NetworkEndpoint['kind'], routingKey: string): readonly Resource[]
  exposing(): Iterable<ExposingListener>
  targetsOf(listener: string): readonly ExposedTarget[]
  seenConnectors(): readonly string[]
  seenConnector(identity: string): ConnectorCandidate | undefined
  seenListeners(): readonly string[]
  seenListenersOf(routingKey: string): readonly string[]
  seenListener(identity: string): string | undefined
  onChange(observer: SiteObserver, onFailure: (error: unknown) => void): () => void
}

const isManaged = <Row extends RouterEntity>(row: Row): row is Row & ManagedEntity =>
  (MANAGED_TYPES as readonly string[]).includes(row.type)

const keyOf = (namespace: string, type: ManagedType, name: string): string | undefined => {
  if (type === 'sslProfile') return profileKey(namespace, name)
  const owner = ownerOf(type, name)
  if (owner === undefined) return undefined
  const stream = RESOURCES[owner.kind].stream(namespace, owner.name)
  if (owner.routingKey !== undefined) return `${stream}/${owner.routingKey}`
  return owner.target === undefined ? stream : `${stream}@${owner.target}`
}

const changeIn = (namespace: string, { changes }: Projected): SiteChange | undefined => {
  const entities = (changes.routerConfig ?? [])
    .flatMap(change => (change.table === 'entities' ? [change] : []))
    // Removed entities may free the host and port of others.
    .sort((a, b) => Number(b.kind === 'removed') - Number(a.kind === 'removed'))
    .map(rowOf)
    .filter(row => row.namespace === namespace)
    .filter(isManaged)
    .map(({ type, name }) => ({ type, name }))
  const resources = CONDITIONED_KINDS.flatMap(kind => {
    const changed = controlled(kind).changed(changes)
    const names = changed.filter(row => row.namespace === namespace).map(({ name }) => name)
    return Array.from(new Set(names), name => ({ kind, name }))
  })
  return entities.length + resources.length === 0 ? undefined : { entities, resources }
}

/** Whether a site has another name now, or its router another id while it has former names. */
const changesNames = (
  { changes }: Projected,
  { renamed }: Pick<LiveReadModels['serving']['sites']['tables'], 'renamed'>,
): boolean =>
  (changes.sites ?? []).some(
    change =>
      change.table === 'renamed' ||
      (change.table === 'routers' &&
        change.before?.id !== change.after?.id &&
        [...renamed.keysWhere('namespace', change.key)].length > 0),
  )

export const createSiteState = (namespace: string, models: LiveReadModels): SiteState => {
  const listenerTables = () => models.serving.listenerStatus.tables
  const connectorTables = () => models.serving.connectorStatus.tables
  const configTables = () => models.serving.routerConfig.tables
  const siteTables = () => models.serving.sites.tables
  const resourcesWhere = (
    kinds: readonly ConditionedKind[],
    index: 'namespace' | 'routingKey',
    value: string,
  ): Resource[] =>
    kinds.flatMap(kind =>
      [...controlled(kind).table(models.serving).where(index, value)]
        .filter(row => row.namespace === namespace)
        .map(row => ({ kind, row })),
    )
  const identities = (keys: Iterable<string>): string[] => [...keys].map(key => seenIdentity(namespace, key))

  return {
    namespace,
    connection: () => siteTables().routers.get(namespace),
    certificates: () => configTables().certificates.get(namespace)?.folder ?? DEFAULT_CERTIFICATES,
    desired: () =>
      [...configTables().entities.where('namespace', namespace)]
        .map(entityOf)
        .filter(isManaged)
        .sort((a, b) => MANAGED_TYPES.indexOf(a.type) - MANAGED_TYPES.indexOf(b.type)),
    desiredEntity: (type, name) => {
      const key = keyOf(namespace, type, name)
      const row = key === undefined ? undefined : configTables().entities.get(key)
      const entity = row && entityOf(row)
      // An address may have the name that an earlier version gave it.
      return entity?.name === name && isManaged(entity) ? entity : undefined
    },
    addressesOf: listener =>
      Array.from(
        configTables().entities.where('stream', RESOURCES.MultiKeyListener.stream(namespace, listener)),
        ({ name }) => name,
      ),
    bundleOf: profile => configTables().entities.get(profileKey(namespace, profile))?.bundle,
    isRetiredProfile: name => configTables().retired.get(profileKey(namespace, name)) !== undefined,
    siteOf: ({ site, router }) => {
      // The record of a router may follow those of its endpoints.
      if (site === undefined || router === undefined) return site
      const { renamed, routers, sites } = siteTables()
      const former = renamed.get(site)
      // Another site may have the name elsewhere; ids of routers are unique in a network.
      if (former === undefined || routers.get(former.namespace)?.id !== router) return site
      return sites.get(former.namespace)?.name ?? site
    },
    resources: () => resourcesWhere(CONDITIONED_KINDS, 'namespace', namespace),
    rows: kind => CONTROLLED[kind].table(models.serving).where('namespace', namespace) as Iterable<RowOf<typeof kind>>,
    row: (kind, name) =>
      CONTROLLED[kind].table(models.serving).get(RESOURCES[kind].stream(namespace, name)) as RowOf<typeof kind>,
    matching: (endpoint, routingKey) =>
      resourcesWhere(
        CONDITIONED_KINDS.filter(kind => controlled(kind).counterpart === endpoint),
        'routingKey',
        routingKey,
      ),
    exposing: () => configTables().exposing.where('namespace', namespace),
    targetsOf: listener =>
      [...configTables().exposed.where('listener', listenerStream(namespace, listener))]
        .map(exposedTargetOf)
        .sort((a, b) => (a.target < b.target ? -1 : 1)),
    seenConnectors: () => identities(listenerTables().connectors.keysWhere('seenFrom', namespace)),
    seenConnector: identity => listenerTables().connectors.get(seenKey(namespace, identity)),
    seenListeners: () => identities(connectorTables().listeners.keysWhere('seenFrom', namespace)),
    seenListenersOf: routingKey =>
      identities(connectorTables().listeners.keysWhere('match', matchIndex(routingKey, namespace))),
    seenListener: identity => connectorTables().listeners.get(seenKey(namespace, identity))?.routingKey,
    onChange: (observer, onFailure) => {
      const ends = [
        models.onProjected(projected => {
          if (changesNames(projected, siteTables())) return observer('everything')
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
