import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import proxyaddr from '@fastify/proxy-addr'
import { z } from 'zod'
import type { Principal } from '../../auth/roles.ts'
import type { Caller } from '../../engine/commands/types.ts'
import type { Span } from '../../telemetry/tracing.ts'

const uuid = z.uuid()
const CLI_USER_AGENT = /^hark\//
/** A dual-stack socket reports IPv4 addresses with this prefix. */
const IPV4_MAPPED = '::ffff:'
const LOCALHOST = /(^|\.)localhost$/i

export const requestId = (headers: IncomingHttpHeaders): string => {
  const id = headers['x-request-id']
  return id !== undefined && uuid.safeParse(id).success ? (id as string) : randomUUID()
}

interface RequestOrigin {
  readonly id: string
  readonly address: string
  readonly userAgent?: string | undefined
  readonly span?: Span | null
}

export const callerOf = ({ name }: Principal, { id, address, userAgent, span }: RequestOrigin): Caller => ({
  actor: name,
  via: userAgent !== undefined && CLI_USER_AGENT.test(userAgent) ? 'cli' : 'graphql',
  clientAddress: address,
  correlationId: id,
  ...(span && { span }),
})

const unmapped = (address: string): string => {
  const rest = address.slice(IPV4_MAPPED.length)
  return address.startsWith(IPV4_MAPPED) && isIPv4(rest) ? rest : address
}

/** @param trustedProxies addresses or networks with a trusted `x-forwarded-for` */
export const createClientIp = (
  trustedProxies: readonly string[] | undefined,
): ((request: IncomingMessage) => string) => {
  const isTrusted = trustedProxies && proxyaddr.compile([...trustedProxies])
  return request => {
    const { remoteAddress = '' } = request.socket
    if (isTrusted === undefined) return unmapped(remoteAddress)
    return unmapped(proxyaddr.all(request, isTrusted).findLast(address => isIP(address) !== 0) ?? remoteAddress)
  }
}

/** Clients of an engine use few hosts, mostly one after the other. */
let lastLocalHost: string | undefined

/** Guards against DNS rebinding. */
export const hasLocalHost = ({ headers: { host } }: IncomingMessage): boolean => {
  if (host === undefined || host === lastLocalHost) return host !== undefined
  if (!isLocalHost(host)) return false
  lastLocalHost = host
  return true
}

const isLocalHost = (host: string): boolean => {
  const name = URL.parse(`http://${host}`)?.hostname.replace(/^\[(.*)\]$/, '$1')
  return name !== undefined && (isIP(name) !== 0 || LOCALHOST.test(name))
}
