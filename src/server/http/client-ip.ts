import type { IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import proxyaddr from '@fastify/proxy-addr'

/** As a socket that takes both kinds writes an address of the older. */
const MAPPED = '::ffff:'

const plain = (address: string): string => {
  const rest = address.slice(MAPPED.length)
  return address.startsWith(MAPPED) && isIPv4(rest) ? rest : address
}

/**
 * Tells the address of the client that a request comes from. A proxy that is trusted is believed whom it asks for, as
 * far as that is an address.
 */
export const clientAddresses = (
  trustedProxies: readonly string[] | undefined,
): ((request: IncomingMessage) => string) => {
  const trusts = trustedProxies && proxyaddr.compile([...trustedProxies])
  return request => {
    const { remoteAddress = '' } = request.socket
    if (trusts === undefined) return plain(remoteAddress)
    return plain(proxyaddr.all(request, trusts).findLast(address => isIP(address) !== 0) ?? remoteAddress)
  }
}
