import { EventStoreDBClient } from '@eventstore/db-client'
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type { CallOptions, ClientReadableStream, Metadata } from '@grpc/grpc-js'
import { AppendCalls, type AppendDuplex } from './appending/append-call.ts'
import { decodeAppendResponse } from './appending/append-response.ts'
import { SentEvents } from './appending/sent-events.ts'
import type { OpenRead } from './subscribing/read-request.ts'
import { decodeReadResponse } from './subscribing/read-response.ts'
import { withTimeout } from './with-timeout.ts'

/** The client detects a frozen server only after 20 s by default, and warns of intervals below 10 s. */
const DEFAULTS = { keepAliveInterval: 10_000, keepAliveTimeout: 3_000 }

const DISPOSE_WITHIN_MS = 1_000

export interface Connection {
  readonly client: EventStoreDBClient
  readonly appends: AppendCalls
  readonly openRead: OpenRead
  readonly sentEvents: SentEvents
  close(): Promise<void>
}

/** Connects on first use. */
export const connect = (connectionString: string): Connection => {
  const client = EventStoreDBClient.connectionString(complete(connectionString))
  const internals = client as unknown as Internals
  const channel = guard(internals)
  const sentEvents = new SentEvents()
  return {
    client,
    appends: new AppendCalls(appendCallsOf(internals)),
    openRead: readsOf(internals, sentEvents),
    sentEvents,
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
  return missing.reduce(
    (text, [name, value]) => `${text}${text.includes('?') ? '&' : '?'}${name}=${value}`,
    connectionString.trim().replace(/\/+$/, ''),
  )
}

/** The client ignores case, dashes and underscores of names. */
const plain = (name: string): string => name.toLowerCase().replace(/[_-]/g, '')

interface Internals {
  callArguments: (options: object, callOptions: { deadline: number }) => [Metadata, Partial<CallOptions>]
  handleError: (...args: unknown[]) => Promise<void>
  getChannel: () => Promise<{ close(): void }>
  GRPCStreamCreator: <Call extends AppendDuplex | ClientReadableStream<unknown>>(
    service: typeof streams.StreamsClient,
    name: string,
    create: (service: streams.StreamsClient) => Call,
  ) => () => Promise<Call>
}

const NO_DEADLINE = { deadline: Number.POSITIVE_INFINITY }

const { read, batchAppend } = streams.StreamsService

/** The client's own appends share one table of pending responses in the process, which the failure of any call clears. */
const appendCallsOf = (client: Internals): (() => Promise<AppendDuplex>) =>
  client.GRPCStreamCreator(streams.StreamsClient, 'batchAppend', service => {
    const [metadata, options] = client.callArguments({}, NO_DEADLINE)
    const asEncoded = (request: Buffer): Buffer => request
    return service.makeBidiStreamRequest(batchAppend.path, asEncoded, decodeAppendResponse, metadata, options)
  })

const readsOf = (client: Internals, sentEvents: SentEvents): OpenRead => {
  const decode = (response: Buffer) => decodeReadResponse(response, sentEvents)
  return request =>
    client.GRPCStreamCreator(streams.StreamsClient, 'read', service => {
      const [metadata, options] = client.callArguments({}, NO_DEADLINE)
      const { path, requestSerialize } = read
      return service.makeServerStreamRequest(path, requestSerialize, decode, request, metadata, options)
    })()
}

/** In the client (6.2.1), the loss of a server can end the process. */
const guard = (client: Internals): (() => Promise<{ close(): void } | undefined>) => {
  // The client does not await `handleError`.
  const { handleError, getChannel } = client
  client.handleError = (...args) => handleError(...args).catch(() => {})

  let channel: ReturnType<typeof getChannel> | undefined
  client.getChannel = () => {
    channel = getChannel()
    return channel
  }
  return async () => channel
}
