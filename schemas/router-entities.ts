import { z } from 'zod'
import { CONDITIONED_KINDS, type ConditionedKind } from './resources/kinds.ts'

/** The router's default folder of TLS credentials; each bundle has a subfolder. */
export const DEFAULT_CERTIFICATES = '/etc/skupper-router-certs'

/** skrouterd.json has ports as strings. */
const text = z.string()

export const tcpListener = z.strictObject({
  name: text,
  host: text,
  port: text,
  /** Absent if it has several addresses. */
  address: text.optional(),
  multiAddressStrategy: z.enum(['priority', 'weighted']).optional(),
  siteId: text.optional(),
  sslProfile: text.optional(),
  authenticatePeer: z.boolean().optional(),
  observer: text.optional(),
})

/** One of the addresses of a tcpListener. The router creates it after its listener, and deletes it before. */
export const listenerAddress = z.strictObject({ name: text, address: text, value: z.int(), listener: text })

export const tcpConnector = z.strictObject({
  name: text,
  host: text,
  port: text,
  address: text,
  siteId: text.optional(),
  sslProfile: text.optional(),
  verifyHostname: z.boolean().optional(),
})

/** Without certFile and privateKeyFile, it serves connectors that only verify their server. */
export const sslProfile = z.strictObject({
  name: text,
  caCertFile: text,
  certFile: text.optional(),
  privateKeyFile: text.optional(),
})

export const router = z.strictObject({ id: text, mode: z.enum(['interior', 'edge']), metadata: text.optional() })

export const amqpListener = z.strictObject({ name: text, role: z.literal('normal'), host: text, port: text })

export const site = z.strictObject({ name: text, namespace: text })

export const address = z.strictObject({ prefix: text, distribution: z.enum(['multicast', 'closest', 'balanced']) })

/** Keyed by type in skrouterd.json. */
export const routerEntities = {
  router,
  site,
  listener: amqpListener,
  address,
  sslProfile,
  tcpListener,
  listenerAddress,
  tcpConnector,
} as const

type RouterEntityType = keyof typeof routerEntities
export type RouterAttributes<Type extends RouterEntityType> = z.infer<(typeof routerEntities)[Type]>

/** The name is unique within the type. */
export interface RouterEntity<Type extends RouterEntityType = RouterEntityType> {
  readonly type: Type
  readonly name: string
  readonly attributes: RouterAttributes<Type>
}

/** The types that Hark creates; each follows those that it refers to. */
export const MANAGED_TYPES = ['sslProfile', 'tcpListener', 'listenerAddress', 'tcpConnector'] as const
export type ManagedType = (typeof MANAGED_TYPES)[number]

/** The entities of a router that resources become. */
const ENTITIES = {
  Listener: { type: 'tcpListener', prefix: 'listener/' },
  Connector: { type: 'tcpConnector', prefix: 'connector/' },
  MultiKeyListener: { type: 'tcpListener', prefix: 'multiAddress/' },
} as const satisfies Readonly<Record<ConditionedKind, { readonly type: ManagedType; readonly prefix: string }>>

export const entityType = <K extends ConditionedKind>(kind: K): (typeof ENTITIES)[K]['type'] => ENTITIES[kind].type

export const entityName = (kind: ConditionedKind, name: string): string => ENTITIES[kind].prefix + name

/** The entity of one target of a listener with exposePodsByName. */
export const targetEntityName = (listener: string, target: string): string =>
  entityName('Listener', `${listener}@${target}`)

const OF_MULTI_KEY_LISTENERS = ENTITIES.MultiKeyListener.prefix
const PREFIXES: readonly string[] = Object.values(ENTITIES).map(({ prefix }) => prefix)

/**
 * What precedes the routing key in the names of the addresses of a MultiKeyListener. Names are unique across the types of
 * a router's entities: one that is named `listener` or `connector` has another prefix than Skupper's, which no entity of
 * another resource can have, because no name of a resource contains a slash.
 */
const addressPrefix = (listener: string): string => {
  const prefix = `${listener}/`
  return PREFIXES.includes(prefix) ? OF_MULTI_KEY_LISTENERS + prefix : prefix
}

export const addressName = (listener: string, routingKey: string): string => addressPrefix(listener) + routingKey

/** Includes names that earlier versions gave to addresses. */
export const isAddressNameOf = (listener: string, name: string): boolean =>
  name.startsWith(addressPrefix(listener)) || name.startsWith(`${listener}/`)

export interface ResourceId {
  readonly kind: ConditionedKind
  readonly name: string
}

/** Returns the resource that an entity belongs to; profiles belong to none. */
export const ownerOf = (
  type: string,
  name: string,
): (ResourceId & { readonly target?: string; readonly routingKey?: string }) | undefined => {
  if (type === 'listenerAddress') {
    const bare = name.startsWith(OF_MULTI_KEY_LISTENERS) ? name.slice(OF_MULTI_KEY_LISTENERS.length) : name
    const slash = bare.indexOf('/')
    if (slash === -1) return undefined
    return { kind: 'MultiKeyListener', name: bare.slice(0, slash), routingKey: bare.slice(slash + 1) }
  }
  const kind = CONDITIONED_KINDS.find(each => ENTITIES[each].type === type && name.startsWith(ENTITIES[each].prefix))
  if (kind === undefined) return undefined
  const bare = name.slice(ENTITIES[kind].prefix.length)
  const at = bare.indexOf('@')
  return at === -1 ? { kind, name: bare } : { kind, name: bare.slice(0, at), target: bare.slice(at + 1) }
}
