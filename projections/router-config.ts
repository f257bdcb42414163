import type { ConnectorSpec } from '../schemas/connector.ts'
import type { EventData, HarkEvent } from '../schemas/events.ts'
import type { ListenerSpec } from '../schemas/listener.ts'
import type { RouterAttributes, RouterEntity } from '../schemas/router-entities.ts'
import { listenerStream } from '../schemas/streams.ts'
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

/** A listener with exposePodsByName: each target on the network gets a tcpListener of its own beside the listener's. */
export interface ExposingListener {
  readonly namespace: string
  readonly name: string
  readonly spec: ListenerSpec
}

export interface RouterConfigRows {
  readonly sites: ConfiguredSite
  /** Those of listeners and connectors stand under the name of their stream. */
  readonly entities: EntityRow
  readonly exposing: ExposingListener
  /** Connectors that the router of a namespace sees, where their routing key may name a target. */
  readonly targets: { readonly namespace: string; readonly routingKey: string }
  /** Profiles that a namespace's router was to have once and is not to have any more. */
  readonly retired: { readonly namespace: string; readonly name: string }
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

/** Under what the profile of a namespace's router stands among its entities. */
export const profileKey = (namespace: string, name: string): string => `profile-${namespace}.${name}`

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
  const key = profileKey(namespace, name)
  const used = config.hasAny('entities', 'credentials', credentialsIndex(namespace, name))
  const there = config.get('entities', key) !== undefined
  if (used && !there) {
    config.put('entities', key, { ...profile, namespace })
    if (config.get('retired', key) !== undefined) config.remove('retired', key)
  }
  if (!used && there) {
    config.remove('entities', key)
    config.put('retired', key, { namespace, name })
  }
}

const setListener = (config: Config, key: string, { namespace, name, spec }: EventData<'ListenerCreated'>): void => {
  // Skupper routes TCP alone; another type is left out of the router.
  const entity = spec.type === 'tcp' ? tcpListener(name, spec, config.get('sites', namespace)) : undefined
  setEntity(config, key, namespace, entity)
  if (spec.exposePodsByName) setTargets(config, key, { namespace, name, spec })
}

const targetListener = ({ name, spec }: ExposingListener, target: string, site: ConfiguredSite | undefined) =>
  tcpListener(`${name}@${target}`, { ...spec, host: target, routingKey: `${spec.routingKey}.${target}` }, site)

/** A target is what follows `<routingKey>.` in the routing key of a connector on the network. */
const targetsOf = (config: Config, { namespace, spec }: ExposingListener): Set<string> => {
  const prefix = `${spec.routingKey}.`
  const keys = config.keysWhere('targets', 'namespace', namespace).map(key => config.get('targets', key)?.routingKey)
  return new Set(keys.flatMap(key => (key?.startsWith(prefix) ? [key.slice(prefix.length)] : [])).filter(Boolean))
}

/** Makes the additional listeners of one listener those of the targets that are there. */
const setTargets = (config: Config, stream: string, exposing: ExposingListener | undefined): void => {
  const before = config.get('exposing', stream)
  const known = exposing ?? before
  if (known === undefined) return
  if (exposing !== undefined) config.put('exposing', stream, exposing)
  else config.remove('exposing', stream)
  const wanted = exposing?.spec.type === 'tcp' ? targetsOf(config, exposing) : new Set<string>()
  const site = config.get('sites', known.namespace)
  for (const key of config.keysWhere('entities', 'exposes', stream)) {
    if (!wanted.has(key.slice(key.indexOf('@') + 1))) setEntity(config, key, known.namespace, undefined)
  }
  for (const target of wanted) {
    setEntity(config, `${stream}@${target}`, known.namespace, targetListener(known, target, site))
  }
}

const respecExposing = (config: Config, stream: string, change: Partial<ListenerSpec>): void => {
  const before = config.get('exposing', stream)
  if (before !== undefined) setTargets(config, stream, { ...before, spec: { ...before.spec, ...change } })
}

const setTargetsWhere = (config: Config, namespace: string, concerns: (listener: ExposingListener) => boolean) => {
  for (const stream of config.keysWhere('exposing', 'namespace', namespace)) {
    const listener = config.get('exposing', stream)
    if (listener !== undefined && concerns(listener)) setTargets(config, stream, listener)
  }
}

const seeTarget = (config: Config, event: HarkEvent<'ConnectorSeen' | 'ConnectorGone'>): void => {
  const { namespace, identity } = event.data
  const key = `${namespace}/${identity}`
  const before = config.get('targets', key)
  const routingKey = event.type === 'ConnectorSeen' ? event.data.routingKey : undefined
  if (routingKey?.includes('.')) config.put('targets', key, { namespace, routingKey })
  else if (before !== undefined) config.remove('targets', key)
  else return
  setTargetsWhere(config, namespace, ({ spec }) =>
    [routingKey, before?.routingKey].some(changed => changed?.startsWith(`${spec.routingKey}.`)),
  )
}

/** What another router saw is nothing to this one. */
const forgetTargets = (config: Config, namespace: string): void => {
  for (const key of config.keysWhere('targets', 'namespace', namespace)) config.remove('targets', key)
  setTargetsWhere(config, namespace, () => true)
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
      amendListener(config, event.stream, { address: event.data.routingKey })
      return respecExposing(config, event.stream, { routingKey: event.data.routingKey })
    case 'HostUpdated':
      return amendListener(config, event.stream, { host: event.data.host })
    case 'PortUpdated':
      amendListener(config, event.stream, { port: String(event.data.port) })
      return respecExposing(config, event.stream, { port: event.data.port })
    case 'ListenerDeleted':
      setTargets(config, event.stream, undefined)
      return setEntity(config, event.stream, event.data.namespace, undefined)
    case 'ConnectorDeleted':
      return setEntity(config, event.stream, event.data.namespace, undefined)
    case 'ConnectorCreated':
    case 'ConnectorUpdated':
      return setConnector(config, event.stream, event.data)
    case 'ConnectorSeen':
    case 'ConnectorGone':
      return seeTarget(config, event)
    case 'RouterAttached':
    case 'RouterDetached':
      return forgetTargets(config, event.data.namespace)
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
  version: 2,
  tables: {
    sites: {},
    entities: {
      indexes: {
        namespace: row => row.namespace,
        exposes: row => {
          const listener = row.type === 'tcpListener' ? /^listener\/(.+)@/.exec(row.name)?.[1] : undefined
          return listener === undefined ? undefined : listenerStream(row.namespace, listener)
        },
        credentials: row => {
          const profile = profileOf(row)
          return profile === undefined ? undefined : credentialsIndex(row.namespace, profile)
        },
      },
    },
    exposing: { indexes: { namespace: row => row.namespace } },
    targets: { indexes: { namespace: row => row.namespace } },
    retired: { indexes: { namespace: row => row.namespace } },
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
