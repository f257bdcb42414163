import type { ConnectorSpec } from '../../schemas/resources/connector.ts'
import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import { type MultiKeyListenerSpec, strategyKind } from '../../schemas/resources/multi-key-listener.ts'
import { addressName, entityName, type RouterEntity } from '../../schemas/router-entities.ts'

export interface ConfiguredSite {
  readonly name: string
  readonly uid: string
  readonly mode: 'interior' | 'edge'
}

export const tcpListener = (
  name: string,
  spec: ListenerSpec,
  site: ConfiguredSite | undefined,
): RouterEntity<'tcpListener'> => ({
  type: 'tcpListener',
  name: entityName('Listener', name),
  attributes: {
    name: entityName('Listener', name),
    host: spec.host,
    port: String(spec.port),
    address: spec.routingKey,
    ...(site && { siteId: site.uid }),
    ...(spec.tlsCredentials && { sslProfile: spec.tlsCredentials }),
    observer: spec.settings.observer,
  },
})

export const multiAddressListener = (
  name: string,
  spec: MultiKeyListenerSpec,
  site: ConfiguredSite | undefined,
): RouterEntity<'tcpListener'> => ({
  type: 'tcpListener',
  name: entityName('MultiKeyListener', name),
  attributes: {
    name: entityName('MultiKeyListener', name),
    host: spec.host,
    port: String(spec.port),
    multiAddressStrategy: strategyKind(spec.strategy),
    ...(site && { siteId: site.uid }),
    ...(spec.tlsCredentials && { sslProfile: spec.tlsCredentials }),
    authenticatePeer: spec.requireClientCert,
    observer: spec.observer,
  },
})

/** The larger the value, the higher the priority or the share of connections. */
export const listenerAddresses = (
  listener: string,
  { strategy: { priority, weighted } }: MultiKeyListenerSpec,
): RouterEntity<'listenerAddress'>[] => {
  const keys = priority?.routingKeys ?? []
  const values = weighted?.routingKeys ?? Object.fromEntries(keys.map((key, index) => [key, keys.length - 1 - index]))
  return Object.entries(values).map(([address, value]) => {
    const name = addressName(listener, address)
    const attributes = { name, address, value, listener: entityName('MultiKeyListener', listener) }
    return { type: 'listenerAddress', name, attributes }
  })
}

export const tcpConnector = (
  name: string,
  spec: ConnectorSpec & { host: string },
  site: ConfiguredSite | undefined,
  profile: string | undefined,
): RouterEntity<'tcpConnector'> => ({
  type: 'tcpConnector',
  name: entityName('Connector', name),
  attributes: {
    name: entityName('Connector', name),
    host: spec.host,
    port: String(spec.port),
    address: spec.routingKey,
    ...(site && { siteId: site.uid }),
    ...(profile !== undefined && { sslProfile: profile }),
    ...(!spec.verifyHostname && { verifyHostname: false }),
  },
})

export interface ProfileContent {
  readonly bundle: string
  readonly isWhole: boolean
}

/** @param folder in the router's file system */
export const sslProfile = (
  name: string,
  { bundle, isWhole }: ProfileContent,
  folder: string,
): RouterEntity<'sslProfile'> => ({
  type: 'sslProfile',
  name,
  attributes: {
    name,
    caCertFile: `${folder}/${bundle}/ca.crt`,
    ...(isWhole && { certFile: `${folder}/${bundle}/tls.crt`, privateKeyFile: `${folder}/${bundle}/tls.key` }),
  },
})

/** Excludes listeners and connectors. Skupper itself links sites. */
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
  // For VanFlow.
  { type: 'address', name: 'mc', attributes: { prefix: 'mc', distribution: 'multicast' } },
]
