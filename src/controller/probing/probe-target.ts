import { isIP } from 'node:net'

/** Where to connect, or why that cannot be done from here. */
export type ProbeTarget = { readonly host: string } | { readonly hindrance: string }

const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/**
 * Where Hark finds a listener of a router. A listener on every address of the router's machine is found where the router's
 * management is; one on its loopback is out of reach from another machine.
 */
export const probeTarget = (listenerHost: string, routerHost: string): ProbeTarget => {
  if (EVERY_ADDRESS.has(listenerHost)) return { host: routerHost }
  if (!isLoopback(listenerHost) || isLoopback(routerHost)) return { host: listenerHost }
  return { hindrance: `Not probed: ${listenerHost} is the router's own machine, and Hark runs on another` }
}
