import { type EventData, type GuardedBy, type HarkEvent, inCategories } from '../../schemas/events/events.ts'
import { endpointStream, listenerStream } from '../../schemas/events/streams.ts'
import { multiKeyListenerResource } from '../../schemas/resources/multi-key-listener.ts'
import { MANAGED_TYPES, ownerOf, type RouterAttributes, type RouterEntity } from '../../schemas/router-entities.ts'
import { Draft, NO_CHANGES } from '../kit/draft.ts'
import type { Projection, Tables } from '../kit/projection.ts'
import { authoritiesProfile, moveCertificates, profileIndex, profileUseOf } from '../tls-profiles.ts'
import {
  baseEntities,
  type ConfiguredSite,
  listenerAddresses,
  multiAddressListener,
  tcpConnector,
  tcpListener,
} from './entities.ts'
import {
  clearTargets,
  endpointOf,
  onConnectorSeen,
  setTargets,
  settleEndpoint,
  updatePerTargetSpec,
} from './per-target-listeners.ts'
import { setEntity } from './set-entity.ts'
import { type EntityRow, entityOf, type RouterConfigDraft, type RouterConfigRows } from './tables.ts'

/** Targets give way to a declared listener, and take over when it goes. */
const setDeclared = (
  config: RouterConfigDraft,
  key: string,
  namespace: string,
  entity: RouterEntity | undefined,
): void => {
  const before = config.get('entities', key)
  setEntity(config, key, namespace, entity)
  if (hasSameEndpoint(before, entity)) return
  for (const row of [before, config.get('entities', key)]) {
    const endpoint = row && endpointOf(row)
    if (endpoint !== undefined) settleEndpoint(config, endpoint)
  }
}

/** Such an entity has settled its endpoint already. */
const hasSameEndpoint = (before: RouterEntity | undefined, after: RouterEntity | undefined): boolean => {
  if (before?.type !== 'tcpListener' || after?.type !== 'tcpListener') return false
  const old = before.attributes as RouterAttributes<'tcpListener'>
  const now = after.attributes as RouterAttributes<'tcpListener'>
  return old.host === now.host && old.port === now.port
}

const setListener = (
  config: RouterConfigDraft,
  { stream: key, position, data: { namespace, name, spec } }: HarkEvent<'ListenerCreated'>,
): void => {
  // Skupper supports TCP only.
  const entity = spec.type === 'tcp' ? tcpListener(name, spec, config.get('sites', namespace)) : undefined
  setDeclared(config, key, namespace, entity)
  if (spec.exposePodsByName) setTargets(config, key, { namespace, name, spec, position })
}

const setAddresses = (
  config: RouterConfigDraft,
  stream: string,
  namespace: string,
  addresses: readonly RouterEntity<'listenerAddress'>[],
): void => {
  const wanted = new Map(addresses.map(entity => [`${stream}/${entity.attributes.address}`, entity]))
  for (const key of config.keysWhere('entities', 'stream', stream))
    if (!wanted.has(key)) setEntity(config, key, namespace, undefined)
  for (const [key, entity] of wanted) setEntity(config, key, namespace, entity)
}

const streamOfAddress = ({ type, name, namespace }: EntityRow): string | undefined => {
  const owner = type === 'listenerAddress' ? ownerOf(type, name) : undefined
  return owner && multiKeyListenerResource.stream(namespace, owner.name)
}

const setMultiKeyListener = (
  config: RouterConfigDraft,
  stream: string,
  { namespace, name, spec }: Pick<EventData<'MultiKeyListenerCreated'>, 'namespace' | 'name' | 'spec'>,
): void => {
  setDeclared(config, stream, namespace, multiAddressListener(name, spec, config.get('sites', namespace)))
  setAddresses(config, stream, namespace, listenerAddresses(name, spec))
}

const setConnector = (
  config: RouterConfigDraft,
  key: string,
  { namespace, name, spec }: Pick<EventData<'ConnectorCreated'>, 'namespace' | 'name' | 'spec'>,
): void => {
  const { host, type, tlsCredentials: bundle, useClientCert } = spec
  // Selectors need the pods of a cluster.
  const isOurs = type === 'tcp' && host !== undefined
  if (!isOurs) return setEntity(config, key, namespace, undefined)
  const showsCertificate = bundle === undefined || useClientCert
  const profile = showsCertificate ? bundle : authoritiesProfile(config, namespace, bundle).name
  const entity = tcpConnector(name, { ...spec, host }, config.get('sites', namespace), profile)
  setEntity(config, key, namespace, entity, bundle === undefined ? {} : { bundle })
}

const amendListener = (
  config: RouterConfigDraft,
  key: string,
  change: Partial<RouterAttributes<'tcpListener'>>,
): void => {
  const row = config.get('entities', key)
  if (row !== undefined)
    setDeclared(config, key, row.namespace, { ...row, attributes: { ...row.attributes, ...change } } as EntityRow)
}

/** Every entity has its site's id, to which router records refer; none has one without a site. */
const setSite = (config: RouterConfigDraft, namespace: string, site: ConfiguredSite | undefined): void => {
  if (site === undefined) config.remove('sites', namespace)
  else config.put('sites', namespace, site)
  for (const key of config.keysWhere('entities', 'namespace', namespace)) {
    const row = config.get('entities', key)
    if (row === undefined || row.type === 'sslProfile' || row.type === 'listenerAddress') continue
    const { siteId: _, ...attributes } = row.attributes as { readonly siteId?: string }
    config.put('entities', key, {
      ...row,
      attributes: { ...attributes, ...(site && { siteId: site.uid }) },
    } as EntityRow)
  }
}

const isFolded = inCategories(
  'listener',
  'connector',
  'multiKeyListener',
  'site',
  'connection',
  'certificates',
  'seenConnector',
)

const fold = (config: RouterConfigDraft, event: GuardedBy<typeof isFolded>): void => {
  switch (event.type) {
    case 'ListenerCreated':
      return setListener(config, event)
    case 'RoutingKeyUpdated':
      amendListener(config, event.stream, { address: event.data.routingKey })
      return updatePerTargetSpec(config, event.stream, { routingKey: event.data.routingKey })
    case 'HostUpdated':
      return amendListener(config, event.stream, { host: event.data.host })
    case 'PortUpdated':
      amendListener(config, event.stream, { port: String(event.data.port) })
      return updatePerTargetSpec(config, event.stream, { port: event.data.port })
    case 'ListenerDeleted':
      setTargets(config, event.stream, undefined)
      return setDeclared(config, event.stream, event.data.namespace, undefined)
    case 'MultiKeyListenerCreated':
    case 'MultiKeyListenerUpdated':
      return setMultiKeyListener(config, event.stream, event.data)
    case 'MultiKeyListenerDeleted':
      setAddresses(config, event.stream, event.data.namespace, [])
      return setDeclared(config, event.stream, event.data.namespace, undefined)
    case 'ConnectorDeleted':
      return setEntity(config, event.stream, event.data.namespace, undefined)
    case 'ConnectorCreated':
    case 'ConnectorUpdated':
      return setConnector(config, event.stream, event.data)
    case 'ConnectorSeen':
    case 'ConnectorGone':
      return onConnectorSeen(config, event)
    case 'RouterAttached':
    case 'RouterDetached':
      return clearTargets(config, event.data.namespace)
    case 'RouterCertificatesConfigured':
      return moveCertificates(config, event.data.namespace, event.data.folder)
    case 'SiteCreated':
    case 'SiteUpdated': {
      const { namespace, name, uid, spec } = event.data
      const mode = spec.edge ? 'edge' : 'interior'
      const before = config.get('sites', namespace)
      if (before?.uid === uid && before.mode === mode) return
      return setSite(config, namespace, { name, uid, mode })
    }
    case 'SiteRenamed': {
      const { namespace, name } = event.data
      const before = config.get('sites', namespace)
      return before === undefined ? undefined : config.put('sites', namespace, { ...before, name })
    }
    case 'SiteDeleted':
      return setSite(config, event.data.namespace, undefined)
    case 'RouterConnected':
    case 'RouterLost':
    case 'RouterUnobserved':
      return
    default:
      event satisfies never
  }
}

/** Follows the rules of Skupper's controller. */
export const routerConfig: Projection<RouterConfigRows, 'sites' | 'entities'> = {
  name: 'router-config',
  version: 7,
  tables: {
    sites: { history: { indexes: [] } },
    entities: {
      history: { indexes: ['namespace'] },
      indexes: {
        namespace: row => row.namespace,
        endpoint: endpointOf,
        stream: streamOfAddress,
        profile: row => {
          const use = profileUseOf(row)
          return use === undefined ? undefined : profileIndex(row.namespace, use)
        },
      },
    },
    exposing: { indexes: { namespace: row => row.namespace } },
    exposed: {
      indexes: {
        listener: row => listenerStream(row.namespace, row.listener),
        endpoint: row => endpointStream(row.namespace, row.target, row.port),
      },
    },
    targets: { indexes: { namespace: row => row.namespace } },
    certificates: {},
    retired: { indexes: { namespace: row => row.namespace } },
  },
  project: (state, event) => {
    if (!isFolded(event)) return NO_CHANGES
    const config = new Draft(routerConfig, state)
    fold(config, event)
    return config.changes
  },
}

const TYPE_ORDER: readonly string[] = MANAGED_TYPES

interface ConfigTables {
  readonly entities: Pick<Tables<RouterConfigRows>['entities'], 'where'>
  readonly sites: Pick<Tables<RouterConfigRows>['sites'], 'get'>
}

/** Sorted: base entities, then profiles, listeners and connectors by name. */
export const entitiesOf = (tables: ConfigTables, namespace: string): RouterEntity[] => {
  const rows = [...tables.entities.where('namespace', namespace)].sort(
    (a, b) => TYPE_ORDER.indexOf(a.type) - TYPE_ORDER.indexOf(b.type) || (a.name < b.name ? -1 : 1),
  )
  return [...baseEntities(namespace, tables.sites.get(namespace)), ...rows.map(entityOf)]
}

export const skrouterdJson = (entities: readonly RouterEntity[]): string =>
  `${JSON.stringify(
    entities.map(({ type, attributes }) => [type, attributes]),
    null,
    2,
  )}\n`
