import { isIP } from 'node:net'

type ProbeTarget = { readonly host: string } | { readonly obstacle: string }

const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/**
 * A listener on all addresses is probed at the router's management host. A router's loopback interface is unreachable from
 * elsewhere.
 */
export const probeTarget = (listenerHost: string, routerHost: string): ProbeTarget => {
  if (EVERY_ADDRESS.has(listenerHost)) return { host: routerHost }
  if (!isLoopback(listenerHost) || isLoopback(routerHost)) return { host: listenerHost }
  return { obstacle: `Not probed: ${listenerHost} is the router's own machine, and Hark runs on another` }
}
