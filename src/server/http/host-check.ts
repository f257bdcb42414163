import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

const LOCAL = /(^|\.)localhost$/i

/**
 * Whether a request names this machine as people do who sit at it. The page of another site can have its own name lead
 * here, whatever browsers think of origins; a number or `localhost` it cannot have (DNS rebinding).
 */
export const isLocalHost = ({ headers: { host } }: IncomingMessage): boolean => {
  const name = URL.parse(`http://${host}`)?.hostname.replace(/^\[(.*)\]$/, '$1')
  return name !== undefined && (isIP(name) !== 0 || LOCAL.test(name))
}
