/** Streams that tell what happened, by the kind of their subject. */
export const RESOURCE_PREFIXES = ['listener-', 'connector-', 'site-', 'router-'] as const
/** Streams of the claims to hosts and ports: the store's bookkeeping, no part of any resource's story. */
const ENDPOINT_PREFIX = 'endpoint-'
/** Every stream that read models are made from. */
export const READ_MODEL_PREFIXES = [...RESOURCE_PREFIXES, ENDPOINT_PREFIX] as const

/** Who drives routers, and what is kept for auditors: no read model is made from these. */
const LEASE_PREFIX = 'lease-'
export const AUDIT_PREFIX = 'audit-'
/** Every stream of Hark's. */
export const LOG_PREFIXES = [...READ_MODEL_PREFIXES, LEASE_PREFIX, AUDIT_PREFIX] as const

/** What was done to this store: it is no part of the log, and goes nowhere with it. */
const STORE_PREFIX = 'store-'
export const IMPORTS_STREAM = `${STORE_PREFIX}imports`
export const isStoreStream = (stream: string): boolean => stream.startsWith(STORE_PREFIX)

/** Every stream whose events an auditor is told of; of endpoints and leases there is nothing to answer for. */
export const AUDITED_PREFIXES = [...RESOURCE_PREFIXES, AUDIT_PREFIX, STORE_PREFIX] as const

export const REFUSALS_STREAM = `${AUDIT_PREFIX}refusals`
export const TOKENS_STREAM = `${AUDIT_PREFIX}tokens`
export const CHECKPOINTS_STREAM = `${AUDIT_PREFIX}checkpoints`

/** A namespace has no dot, so the first one ends it, however many a name has. */
export const listenerStream = (namespace: string, name: string): string => `listener-${namespace}.${name}`
export const connectorStream = (namespace: string, name: string): string => `connector-${namespace}.${name}`
export const LISTENER_PREFIX = 'listener-'
export const isListenerStream = (stream: string): boolean => stream.startsWith(LISTENER_PREFIX)
export const isConnectorStream = (stream: string): boolean => stream.startsWith('connector-')

export const siteStream = (namespace: string): string => `site-${namespace}`
export const leaseStream = (namespace: string): string => `${LEASE_PREFIX}${namespace}`
export const isLeaseStream = (stream: string): boolean => stream.startsWith(LEASE_PREFIX)
export const routerStream = (namespace: string): string => `router-${namespace}`

/** Hosts are names without regard to case; an address of IPv6 has one shortest form. */
const canonicalHost = (host: string): string =>
  host.includes(':') ? new URL(`http://[${host}]`).hostname : host.toLowerCase()

/** One stream a host and port of a namespace: whoever appends to it first, has it. */
export const endpointStream = (namespace: string, host: string, port: number): string =>
  `${ENDPOINT_PREFIX}${namespace}.${canonicalHost(host)}:${port}`
