import type { Duplex } from 'node:stream'
import { EventStoreDBClient } from '@eventstore/db-client'
import { withTimeout } from './retry.ts'

/** The client detects a frozen server only after 20 s by default, and warns of intervals below 10 s. */
const DEFAULTS = { keepAliveInterval: 10_000, keepAliveTimeout: 3_000 }

/** Otherwise the client returns failures, with a wrong revision. */
const REQUIRED = { throwOnAppendFailure: true }

const DISPOSE_WITHIN_MS = 1_000

export interface Connection {
  readonly client: EventStoreDBClient
  close(): Promise<void>
}

/**
 * Connects on first use.
 *
 * @throws Error if the connection string is invalid
 */
export const connect = (connectionString: string): Connection => {
  const client = EventStoreDBClient.connectionString(complete(connectionString))
  const channel = guard(client as unknown as Internals)
  return {
    client,
    close: async () => {
      await withTimeout(DISPOSE_WITHIN_MS, client.dispose()).catch(() => {})
      const open = await channel().catch(() => undefined)
      open?.close()
    },
  }
}

const complete = (connectionString: string): string => {
  const given = new Set([...connectionString.matchAll(/[?&]([^=]+)=/g)].map(([, name]) => plain(name!)))
  const missing = Object.entries(DEFAULTS).filter(([name]) => !given.has(plain(name)))
  return [...missing, ...Object.entries(REQUIRED)].reduce(
    (text, [name, value]) => `${text}${text.includes('?') ? '&' : '?'}${name}=${value}`,
    connectionString.trim().replace(/\/+$/, ''),
  )
}

/** The client ignores case, dashes and underscores of names. */
const plain = (name: string): string => name.toLowerCase().replace(/[_-]/g, '')

interface Internals {
  supports: () => Promise<boolean>
  handleError: (...args: unknown[]) => Promise<void>
  getChannel: () => Promise<{ close(): void }>
  GRPCStreamCreator: (service: unknown, name: string, create: CreateCall, cache?: unknown) => () => Promise<Duplex>
}

type CreateCall = (service: unknown) => Duplex | Promise<Duplex>

/** In the client (6.2.1), a lost server can end the process or leave it without responses. */
const guard = (client: Internals): (() => Promise<{ close(): void } | undefined>) => {
  // The request for features has no deadline, and the client caches its failure forever. All supported servers have
  // batched appends.
  client.supports = async () => true

  // The client does not await `handleError`.
  const { handleError, getChannel, GRPCStreamCreator } = client
  client.handleError = (...args) => handleError(...args).catch(() => {})

  let channel: ReturnType<typeof getChannel> | undefined
  client.getChannel = () => {
    channel = getChannel()
    return channel
  }

  client.GRPCStreamCreator = (service, name, create, cache) =>
    name === 'appendToStream'
      ? GRPCStreamCreator(service, name, async grpc => guardAppendCall(await create(grpc)), cache)
      : GRPCStreamCreator(service, name, create, cache)

  return async () => channel
}

const guardAppendCall = (call: Duplex): Duplex => {
  // The listener throws at a response to an abandoned append.
  const [onAnswer] = call.listeners('data')
  call.removeAllListeners('data')
  call.on('data', answer => {
    try {
      onAnswer?.(answer)
    } catch {}
  })

  // The client keeps using a call that the server ended without an error.
  call.on('end', () => call.destroy(new Error('the server ended the call')))

  // A write that waits for room becomes an unhandled rejection if the call fails, and a write to an ended call gets no
  // response.
  const write = call.write.bind(call)
  call.write = (request: unknown) => {
    if (call.destroyed) call.emit('error', new Error('the call is over'))
    else write(request)
    return true
  }
  return call
}
