import { z } from 'zod'

/** Where a router finds bundles of TLS credentials, unless its setting says otherwise. Each bundle is a folder in it. */
export const DEFAULT_CERTIFICATES = '/etc/skupper-router-certs'

/** Attributes are texts and flags, as skrouterd.json writes them: a port is a text. */
const text = z.string()

export const tcpListener = z.strictObject({
  name: text,
  host: text,
  port: text,
  address: text,
  siteId: text.optional(),
  sslProfile: text.optional(),
  observer: text.optional(),
})

export const tcpConnector = z.strictObject({
  name: text,
  host: text,
  port: text,
  address: text,
  siteId: text.optional(),
  sslProfile: text.optional(),
  verifyHostname: z.boolean().optional(),
})

/** Without a certificate and key of its own it is for connectors that only verify whom they connect to. */
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

/** The entities that Hark writes into a router's configuration, by their type in skrouterd.json. */
export const routerEntities = {
  router,
  site,
  listener: amqpListener,
  address,
  sslProfile,
  tcpListener,
  tcpConnector,
} as const

export type RouterEntityType = keyof typeof routerEntities
export type RouterAttributes<Type extends RouterEntityType> = z.infer<(typeof routerEntities)[Type]>

/** One pair of skrouterd.json, with the name that tells it from others of its type. */
export interface RouterEntity<Type extends RouterEntityType = RouterEntityType> {
  readonly type: Type
  readonly name: string
  readonly attributes: RouterAttributes<Type>
}
