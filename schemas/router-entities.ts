import { z } from 'zod'

/** The router's default folder of TLS credentials, with a folder for each bundle. */
export const DEFAULT_CERTIFICATES = '/etc/skupper-router-certs'

/** As in skrouterd.json, where a port is a string. */
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

/** Without certFile and privateKeyFile it is for connectors that only verify their server. */
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

/** The entities that Hark configures, by their type in skrouterd.json. */
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

/** One entity of skrouterd.json; the name is unique among those of its type. */
export interface RouterEntity<Type extends RouterEntityType = RouterEntityType> {
  readonly type: Type
  readonly name: string
  readonly attributes: RouterAttributes<Type>
}
