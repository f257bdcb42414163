import { type Clock, systemClock } from '../../lib/clock.ts'
import { VanflowClient } from '../vanflow/client.ts'
import type { RecordPart } from '../vanflow/record.ts'
import { AmqpConnection, type SaslMechanism } from './connection.ts'
import { RouterUnreachable } from './management.ts'
import { ManagementClient, type ManagementOptions } from './management-client.ts'
import type { RouterAddress, RouterCredentials, RouterSession } from './session.ts'
import { type Endpoint, openSocket, readUrl } from './socket.ts'

export interface ConnectOptions {
  readonly signal?: AbortSignal
  /** Milliseconds to connect, and for each response. */
  readonly timeoutMs?: number
  readonly clock?: Clock
  readonly containerName?: string
  readonly maySend?: () => boolean
  /** Called for the first record of each source that is not UTF-8. */
  readonly onInvalidRecord?: (source: string, part: RecordPart) => void
}

const DEFAULT_TIMEOUT_MS = 5000

const mechanismFor = (
  address: RouterAddress,
  { username, password }: Endpoint,
  credentials: RouterCredentials | undefined,
): SaslMechanism => {
  const name = address.username ?? username
  if (name !== undefined) {
    const secret = address.password ?? password ?? ''
    return { name: 'PLAIN', initialResponse: Buffer.from(`\0${name}\0${secret}`) }
  }
  if (credentials?.certificate !== undefined) return { name: 'EXTERNAL', initialResponse: Buffer.alloc(0) }
  return { name: 'ANONYMOUS', initialResponse: Buffer.from('hark') }
}

/** @throws RouterUnreachable, the signal's reason, or TypeError for an invalid URL */
export const connectRouter = async (address: RouterAddress, options: ConnectOptions = {}): Promise<RouterSession> => {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maySend = () => true, containerName = 'hark', signal } = options
  const { clock = systemClock } = options
  const endpoint = readUrl(address.url)
  const credentials = address.tls?.()
  const timeout = new AbortController()
  const late = () => new RouterUnreachable(`${endpoint.host}:${endpoint.port} has not responded for ${timeoutMs} ms`)
  const timer = clock.setTimeout(() => timeout.abort(late()), timeoutMs)
  const deadline = AbortSignal.any(signal === undefined ? [timeout.signal] : [timeout.signal, signal])
  try {
    const socket = await openSocket(endpoint, credentials, deadline)
    const name = credentials?.serverName ?? endpoint.host
    const connection = new AmqpConnection(
      socket,
      name,
      mechanismFor(address, endpoint, credentials),
      containerName,
      clock,
    )
    return await openSession(connection, deadline, { ...options, timeoutMs, maySend })
  } catch (error) {
    throw deadline.aborted ? deadline.reason : error
  } finally {
    timer.cancel()
  }
}

const openSession = async (
  connection: AmqpConnection,
  deadline: AbortSignal,
  options: ManagementOptions & Pick<ConnectOptions, 'onInvalidRecord'>,
): Promise<RouterSession> => {
  const onAbort = () => connection.abort(new RouterUnreachable('Connecting was aborted'))
  deadline.addEventListener('abort', onAbort, { once: true })
  try {
    await connection.open()
    const management = await ManagementClient.open(connection, options)
    const { network } = await VanflowClient.open(connection, management, options.onInvalidRecord)
    return { management, network, signal: connection.signal, close: () => connection.close() }
  } catch (error) {
    await connection.close()
    throw error
  } finally {
    deadline.removeEventListener('abort', onAbort)
  }
}
