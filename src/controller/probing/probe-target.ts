import { isIP } from 'node:net'

/** The host to connect to, or why it cannot be reached from here. */
export type ProbeTarget = { readonly host: string } | { readonly obstacle: string }

const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/**
 * The host by which Hark reaches a listener: that of the router's management for a listener on all addresses. A listener on
 * the router's loopback interface cannot be reached from another machine.
 */
export const probeTarget = (listenerHost: string, routerHost: string): ProbeTarget => {
  if (EVERY_ADDRESS.has(listenerHost)) return { host: routerHost }
  if (!isLoopback(listenerHost) || isLoopback(routerHost)) return { host: listenerHost }
  return { obstacle: `Not probed: ${listenerHost} is the router's own machine, and Hark runs on another` }
}
