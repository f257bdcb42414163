import { type Clock, systemClock } from '../../lib/clock.ts'
import { VanflowClient } from '../vanflow/client.ts'
import { AmqpConnection, type SaslMechanism } from './connection.ts'
import { RouterUnreachable } from './management.ts'
import { ManagementClient } from './management-client.ts'
import type { RouterAddress, RouterSession } from './session.ts'
import { type Endpoint, openSocket, readUrl } from './socket.ts'

export interface ConnectOptions {
  /** Gives up connecting. A session that is open is ended by its `close`. */
  readonly signal?: AbortSignal
  /** How many milliseconds connecting may take, and how long management may be silent while an answer is due. */
  readonly timeoutMs?: number
  readonly clock?: Clock
  /** How this client calls itself to the router; a number is put behind it. */
  readonly containerName?: string
  /** Asked right before anything that changes the router is sent. Always yes where it is not given. */
  readonly maySend?: () => boolean
}

const DEFAULT_TIMEOUT_MS = 5000

const mechanismFor = (address: RouterAddress, { username, password }: Endpoint): SaslMechanism => {
  const name = address.username ?? username
  if (name !== undefined) {
    const secret = address.password ?? password ?? ''
    return { name: 'PLAIN', initialResponse: Buffer.from(`\0${name}\0${secret}`) }
  }
  if (address.tls?.certificate !== undefined) return { name: 'EXTERNAL', initialResponse: Buffer.alloc(0) }
  return { name: 'ANONYMOUS', initialResponse: Buffer.from('hark') }
}

/**
 * Opens one session with a router.
 *
 * @throws RouterUnreachable that says why there is none, the signal's reason where that is aborted first, TypeError where
 *   the URL is none of a router
 */
export const connectRouter = async (address: RouterAddress, options: ConnectOptions = {}): Promise<RouterSession> => {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maySend = () => true, containerName = 'hark', signal } = options
  const { clock = systemClock } = options
  const endpoint = readUrl(address.url)
  const patience = new AbortController()
  const late = () => new RouterUnreachable(`${endpoint.host}:${endpoint.port} has not answered for ${timeoutMs} ms`)
  const timer = clock.setTimeout(() => patience.abort(late()), timeoutMs)
  const giveUp = AbortSignal.any(signal === undefined ? [patience.signal] : [patience.signal, signal])
  try {
    const socket = await openSocket(endpoint, address.tls, giveUp)
    const name = address.tls?.serverName ?? endpoint.host
    const connection = new AmqpConnection(socket, name, mechanismFor(address, endpoint), containerName, clock)
    return await openSession(connection, giveUp, {
      timeoutMs,
      maySend,
    })
  } catch (error) {
    throw giveUp.aborted ? giveUp.reason : error
  } finally {
    timer.cancel()
  }
}

const openSession = async (
  connection: AmqpConnection,
  giveUp: AbortSignal,
  options: { readonly timeoutMs: number; readonly maySend: () => boolean },
): Promise<RouterSession> => {
  const onAbort = () => connection.end(new RouterUnreachable('Connecting was given up'))
  giveUp.addEventListener('abort', onAbort, { once: true })
  try {
    await connection.open()
    const management = await ManagementClient.open(connection, options)
    const { network } = await VanflowClient.open(connection, management)
    return { management, network, signal: connection.signal, close: () => connection.close() }
  } catch (error) {
    await connection.close()
    throw error
  } finally {
    giveUp.removeEventListener('abort', onAbort)
  }
}
