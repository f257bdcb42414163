import { z } from 'zod'

/** The router's default folder of TLS credentials; each bundle has a subfolder. */
export const DEFAULT_CERTIFICATES = '/etc/skupper-router-certs'

/** skrouterd.json has ports as strings. */
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
