import { connectorResource } from '../resources/connector.ts'
import { listenerResource } from '../resources/listener.ts'
import { RESOURCES } from '../resources/registry.ts'
import { siteResource } from '../resources/site.ts'

const ROUTER_PREFIX = 'router-'
export const RESOURCE_PREFIXES = [...Object.values(RESOURCES).map(({ prefix }) => prefix), ROUTER_PREFIX] as const
/** Bookkeeping outside the history of resources. */
const ENDPOINT_PREFIX = 'endpoint-'
/** Sources of the read models. */
export const READ_MODEL_PREFIXES = [...RESOURCE_PREFIXES, ENDPOINT_PREFIX] as const

const LEASE_PREFIX = 'lease-'
export const AUDIT_PREFIX = 'audit-'
export const LOG_PREFIXES = [...READ_MODEL_PREFIXES, LEASE_PREFIX, AUDIT_PREFIX] as const

/** Facts about this store only; not part of the log and never exported. */
const STORE_PREFIX = 'store-'
export const IMPORTS_STREAM = `${STORE_PREFIX}imports`
export const isStoreStream = (stream: string): boolean => stream.startsWith(STORE_PREFIX)

/** Excludes endpoints and leases, which are bookkeeping. */
export const AUDITED_PREFIXES = [...RESOURCE_PREFIXES, AUDIT_PREFIX, STORE_PREFIX] as const

export const REFUSALS_STREAM = `${AUDIT_PREFIX}refusals`
export const TOKENS_STREAM = `${AUDIT_PREFIX}tokens`
export const MAINTENANCE_STREAM = `${AUDIT_PREFIX}maintenance`
export const CHECKPOINTS_STREAM = `${AUDIT_PREFIX}checkpoints`

export const LISTENER_PREFIX = listenerResource.prefix
export const { stream: listenerStream } = listenerResource
export const { stream: connectorStream } = connectorResource
export const { stream: siteStream } = siteResource

export const leaseStream = (namespace: string): string => `${LEASE_PREFIX}${namespace}`
export const isLeaseStream = (stream: string): boolean => stream.startsWith(LEASE_PREFIX)
export const routerStream = (namespace: string): string => `${ROUTER_PREFIX}${namespace}`

/** Host names are case-insensitive, and IPv6 addresses have one shortest form. */
const canonicalHost = (host: string): string =>
  host.includes(':') ? new URL(`http://[${host}]`).hostname : host.toLowerCase()

/** The first listener to append to this stream holds the endpoint. */
export const endpointStream = (namespace: string, host: string, port: number): string =>
  `${ENDPOINT_PREFIX}${namespace}.${canonicalHost(host)}:${port}`
