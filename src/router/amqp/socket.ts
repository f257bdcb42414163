import net from 'node:net'
import tls from 'node:tls'
import { RouterUnreachable } from './management.ts'
import type { RouterCredentials } from './session.ts'

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'amqp:': 5672, 'amqps:': 5671 }

export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
}

export const readUrl = (text: string): Endpoint => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const defaultPort = url && DEFAULT_PORTS[url.protocol]
  if (url === undefined || defaultPort === undefined || url.hostname === '') {
    throw new TypeError('The address of a router is to be amqp://HOST:PORT or amqps://HOST:PORT')
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort : Number(url.port),
    isTls: url.protocol === 'amqps:',
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
  }
}

/** An AggregateError for several addresses has no message. */
const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

const toUnreachable = (error: unknown, { host, port }: Endpoint, socket: net.Socket | undefined): RouterUnreachable => {
  const isDistrusted = socket instanceof tls.TLSSocket && socket.authorizationError != null
  const what = isDistrusted ? `The certificate of ${host}:${port} is not trusted` : `Cannot connect to ${host}:${port}`
  const code = isDistrusted && error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  return new RouterUnreachable(`${what}: ${messageOf(error)}${code}`, { cause: error })
}

const connect = (endpoint: Endpoint, credentials: RouterCredentials | undefined): net.Socket => {
  const { host, port, isTls } = endpoint
  if (!isTls) return net.connect({ host, port })
  const name = credentials?.serverName ?? host
  return tls.connect({
    host,
    port,
    ...(credentials?.ca !== undefined && { ca: credentials.ca }),
    ...(credentials?.certificate !== undefined && { cert: credentials.certificate }),
    ...(credentials?.key !== undefined && { key: credentials.key }),
    // SNI allows no IP address; the certificate is still checked for it.
    ...(net.isIP(name) === 0 && { servername: name }),
    checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
  })
}

export const openSocket = async (
  endpoint: Endpoint,
  credentials: RouterCredentials | undefined,
  signal: AbortSignal,
): Promise<net.Socket> => {
  signal.throwIfAborted()
  let socket: net.Socket | undefined
  try {
    socket = connect(endpoint, credentials)
  } catch (error) {
    throw toUnreachable(error, endpoint, undefined)
  }
  const opening = socket
  // An error may come before the caller listens for it.
  opening.on('error', () => undefined)
  opening.setNoDelay(true)
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', onAbort)
      opening.destroy()
      reject(error)
    }
    const onAbort = () => fail(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    opening.once('error', error => fail(toUnreachable(error, endpoint, opening)))
    opening.once('close', () => fail(toUnreachable(new Error('it closed the connection'), endpoint, opening)))
    opening.once(endpoint.isTls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', onAbort)
      resolve(opening)
    })
  })
}
