import type { ConnectorSpec } from '../schemas/connector.ts'
import type { EventData, HarkEvent } from '../schemas/events.ts'
import type { ListenerSpec } from '../schemas/listener.ts'
import type { RouterAttributes, RouterEntity } from '../schemas/router-entities.ts'
import { Draft } from './draft.ts'
import type { Projection, Tables } from './projection.ts'

/** Where a router finds the files of a bundle of TLS credentials: one folder a bundle, as Skupper lays them out. */
const CERTIFICATES = '/etc/skupper-router-certs'

/** What of a site its router's configuration is made of. */
export interface ConfiguredSite {
  readonly name: string
  readonly uid: string
  readonly mode: 'interior' | 'edge'
}

/** An entity with the namespace of the router that is to have it. */
export type EntityRow = RouterEntity & { readonly namespace: string }

export interface RouterConfigRows {
  readonly sites: ConfiguredSite
  /** Those of listeners and connectors stand under the name of their stream. */
  readonly entities: EntityRow
}

type Config = Draft<RouterConfigRows>

const tcpListener = (
  name: string,
  spec: ListenerSpec,
  site: ConfiguredSite | undefined,
): RouterEntity<'tcpListener'> => ({
  type: 'tcpListener',
  name: `listener/${name}`,
  attributes: {
    name: `listener/${name}`,
    host: spec.host,
    port: String(spec.port),
    address: spec.routingKey,
    ...(site && { siteId: site.uid }),
    ...(spec.tlsCredentials && { sslProfile: spec.tlsCredentials }),
    observer: spec.settings.observer,
  },
})

const tcpConnector = (
  name: string,
  spec: ConnectorSpec & { host: string },
  site: ConfiguredSite | undefined,
): RouterEntity<'tcpConnector'> => ({
  type: 'tcpConnector',
  name: `connector/${name}`,
  attributes: {
    name: `connector/${name}`,
    host: spec.host,
    port: String(spec.port),
    address: spec.routingKey,
    ...(site && { siteId: site.uid }),
    ...(spec.tlsCredentials && { sslProfile: spec.tlsCredentials }),
    ...(!spec.verifyHostname && { verifyHostname: false }),
  },
})

const sslProfile = (name: string): RouterEntity<'sslProfile'> => ({
  type: 'sslProfile',
  name,
  attributes: {
    name,
    caCertFile: `${CERTIFICATES}/${name}/ca.crt`,
    certFile: `${CERTIFICATES}/${name}/tls.crt`,
    privateKeyFile: `${CERTIFICATES}/${name}/tls.key`,
  },
})

/** The entities of a router that do not come from a listener or connector. Links between sites are not Hark's to make. */
export const baseEntities = (namespace: string, site: ConfiguredSite | undefined): RouterEntity[] => [
  {
    type: 'router',
    name: site?.name ?? namespace,
    attributes: {
      id: site?.name ?? namespace,
      mode: site?.mode ?? 'interior',
      ...(site && { metadata: JSON.stringify({ id: site.uid, version: 'hark' }) }),
    },
  },
  { type: 'site', name: site?.name ?? namespace, attributes: { name: site?.name ?? namespace, namespace } },
  { type: 'listener', name: 'amqp', attributes: { name: 'amqp', role: 'normal', host: '127.0.0.1', port: '5672' } },
  // Without it VanFlow is silent.
  { type: 'address', name: 'mc', attributes: { prefix: 'mc', distribution: 'multicast' } },
]

const credentialsIndex = (namespace: string, credentials: string): string => `${namespace}/${credentials}`

/** Puts what is there and removes what is not: `entity` is undefined where the router is to have none of that name. */
const setEntity = (config: Config, key: string, namespace: string, entity: RouterEntity | undefined): void => {
  const profileBefore = profileOf(config.get('entities', key))
  const profile = profileOf(entity)
  if (entity === undefined) config.remove('entities', key)
  else config.put('entities', key, { ...entity, namespace })
  if (profile !== undefined) setProfile(config, namespace, profile)
  if (profileBefore !== undefined && profileBefore !== profile) setProfile(config, namespace, profileBefore)
}

const profileOf = (entity: RouterEntity | undefined): string | undefined =>
  entity !== undefined && 'sslProfile' in entity.attributes ? entity.attributes.sslProfile : undefined

/** One profile a name, for as long as something uses it. */
const setProfile = (config: Config, namespace: string, name: string): void => {
  const profile = sslProfile(name)
  const key = `profile-${namespace}.${name}`
  const used = config.hasAny('entities', 'credentials', credentialsIndex(namespace, name))
  const there = config.get('entities', key) !== undefined
  if (used && !there) config.put('entities', key, { ...profile, namespace })
  if (!used && there) config.remove('entities', key)
}

const setListener = (config: Config, key: string, { namespace, name, spec }: EventData<'ListenerCreated'>): void => {
  // Skupper routes TCP alone; another type is left out of the router.
  const entity = spec.type === 'tcp' ? tcpListener(name, spec, config.get('sites', namespace)) : undefined
  setEntity(config, key, namespace, entity)
}

const setConnector = (
  config: Config,
  key: string,
  { namespace, name, spec }: Pick<EventData<'ConnectorCreated'>, 'namespace' | 'name' | 'spec'>,
): void => {
  const { host, type } = spec
  // A connector with a selector gets its hosts from the pods that it selects, which only their cluster knows.
  const isOurs = type === 'tcp' && host !== undefined
  const entity = isOurs ? tcpConnector(name, { ...spec, host }, config.get('sites', namespace)) : undefined
  setEntity(config, key, namespace, entity)
}

const amendListener = (config: Config, key: string, change: Partial<RouterAttributes<'tcpListener'>>): void => {
  const row = config.get('entities', key)
  if (row !== undefined)
    config.put('entities', key, { ...row, attributes: { ...row.attributes, ...change } } as EntityRow)
}

/** What a router reports it reports of a site, so every entity of a site tells it. */
const setSite = (config: Config, namespace: string, site: ConfiguredSite): void => {
  config.put('sites', namespace, site)
  for (const key of config.keysWhere('entities', 'namespace', namespace)) {
    const row = config.get('entities', key)
    if (row === undefined || row.type === 'sslProfile') continue
    config.put('entities', key, { ...row, attributes: { ...row.attributes, siteId: site.uid } } as EntityRow)
  }
}

const fold = (config: Config, event: HarkEvent): void => {
  switch (event.type) {
    case 'ListenerCreated':
      return setListener(config, event.stream, event.data)
    case 'RoutingKeyUpdated':
      return amendListener(config, event.stream, { address: event.data.routingKey })
    case 'HostUpdated':
      return amendListener(config, event.stream, { host: event.data.host })
    case 'PortUpdated':
      return amendListener(config, event.stream, { port: String(event.data.port) })
    case 'ListenerDeleted':
    case 'ConnectorDeleted':
      return setEntity(config, event.stream, event.data.namespace, undefined)
    case 'ConnectorCreated':
    case 'ConnectorUpdated':
      return setConnector(config, event.stream, event.data)
    case 'SiteCreated':
    case 'SiteUpdated': {
      const { namespace, name, uid, spec } = event.data
      const mode = spec.edge ? 'edge' : 'interior'
      const before = config.get('sites', namespace)
      if (before?.uid === uid && before.mode === mode) return
      return setSite(config, namespace, { name, uid, mode })
    }
  }
}

/** What the router of each site is to run, by the rules of Skupper's own controller. */
export const routerConfig: Projection<RouterConfigRows> = {
  name: 'router-config',
  version: 1,
  tables: {
    sites: {},
    entities: {
      indexes: {
        namespace: row => row.namespace,
        credentials: row => {
          const profile = profileOf(row)
          return profile === undefined ? undefined : credentialsIndex(row.namespace, profile)
        },
      },
    },
  },
  project: (state, event) => {
    const config = new Draft(routerConfig, state)
    fold(config, event)
    return config.changes
  },
}

const TYPE_ORDER = ['sslProfile', 'tcpListener', 'tcpConnector']

/** All entities of a namespace's router: the base first, then profiles, listeners and connectors by name. */
export const entitiesOf = (tables: Tables<RouterConfigRows>, namespace: string): RouterEntity[] => {
  const rows = [...tables.entities.where('namespace', namespace)].sort(
    (a, b) => TYPE_ORDER.indexOf(a.type) - TYPE_ORDER.indexOf(b.type) || (a.name < b.name ? -1 : 1),
  )
  return [...baseEntities(namespace, tables.sites.get(namespace)), ...rows.map(({ namespace: _, ...entity }) => entity)]
}

/** skrouterd.json: a list of pairs of type and attributes. */
export const skrouterdJson = (entities: readonly RouterEntity[]): string =>
  `${JSON.stringify(
    entities.map(({ type, attributes }) => [type, attributes]),
    null,
    2,
  )}\n`
