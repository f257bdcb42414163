import type { Duplex } from 'node:stream'
import { EventStoreDBClient } from '@eventstore/db-client'
import { withTimeout } from './retry.ts'

/**
 * Of a server that stopped without a word the client learns when its ping has no answer: by default after 20 s. It warns
 * of intervals below 10 s.
 */
const DEFAULTS = { keepAliveInterval: 10_000, keepAliveTimeout: 3_000 }

/** With failures returned in the place of errors, the client reports the wrong revision. */
const REQUIRED = { throwOnAppendFailure: true }

/** To end calls is up to this process alone, and quick. */
const DISPOSE_WITHIN_MS = 1_000

export interface Connection {
  readonly client: EventStoreDBClient
  close(): Promise<void>
}

/**
 * Makes the client, which connects when it is first used, and again by itself when it has lost the server.
 *
 * @throws Error for a connection string that the client cannot read
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

/** The client reads the names of options in any case, with dashes or underscores. */
const plain = (name: string): string => name.toLowerCase().replace(/[_-]/g, '')

/** What the client's types keep to themselves. */
interface Internals {
  supports: () => Promise<boolean>
  handleError: (...args: unknown[]) => Promise<void>
  getChannel: () => Promise<{ close(): void }>
  GRPCStreamCreator: (service: unknown, name: string, create: CreateCall, cache?: unknown) => () => Promise<Duplex>
}

type CreateCall = (service: unknown) => Duplex | Promise<Duplex>

/**
 * Keeps the client's failures inside of it: as it comes, a server that goes away at the wrong moment ends the process or
 * leaves it deaf. Returns how to get at the channel in use.
 */
const guard = (client: Internals): (() => Promise<{ close(): void } | undefined>) => {
  // Asking a server what it supports has no deadline, and a failed answer is kept for ever. All that are supported here
  // have batched appends.
  client.supports = async () => true

  // It is called and not awaited.
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
  // An answer to an append that was given up throws where it arrives.
  const [onAnswer] = call.listeners('data')
  call.removeAllListeners('data')
  call.on('data', answer => {
    try {
      onAnswer?.(answer)
    } catch {}
  })

  // A call that the server ends without an error stays the one that appends are sent on.
  call.on('end', () => call.destroy(new Error('the server ended the call')))

  // A write that waits for room when the call fails is a rejection that nobody handles, and one to a call that is over
  // gets no answer. So none waits, and the latter fails the call once more.
  const write = call.write.bind(call)
  call.write = (request: unknown) => {
    if (call.destroyed) call.emit('error', new Error('the call is over'))
    else write(request)
    return true
  }
  return call
}
