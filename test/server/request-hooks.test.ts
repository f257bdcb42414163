import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { ANONYMOUS } from '../../src/auth/roles.ts'
import { DEFAULT_LIMITS } from '../../src/config/limits.ts'
import { eventually } from '../support/eventually.ts'
import { TestServer } from '../support/test-server.ts'

const REQUEST = 'http.server.request.start'
const BODY = '{"query":"{ head }"}'

const requestOf = (address: string): string =>
  [
    'POST /graphql HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    `content-length: ${BODY.length}`,
    `x-forwarded-for: ${address}`,
    `authorization: ${address}`,
    '',
    BODY,
  ].join('\r\n')

const connected = async ({ url }: TestServer): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  return socket
}

/** An accepted connection: the server accepts them one by one. */
const greeted = async (hark: TestServer): Promise<Socket> => {
  const socket = await connected(hark)
  socket.write(requestOf('192.0.2.3'))
  await once(socket, 'data')
  return socket.resume()
}

/** As long as a request that is dear to look at. */
const work = (milliseconds: number): void => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test('request hooks › take requests of clients in turns', async () => {
  const order: (string | undefined)[] = []
  await using hark = await TestServer.start({
    server: {
      trustedProxies: ['127.0.0.1'],
      authenticator: {
        enabled: true,
        authenticate: async authorization => {
          work(2)
          order.push(authorization)
          return ANONYMOUS
        },
      },
    },
  })
  const count = 200
  const many = await Promise.all(Array.from({ length: count }, () => greeted(hark)))
  const other = await greeted(hark)
  order.length = 0
  for (const socket of many) socket.write(requestOf('192.0.2.1'))
  other.write(requestOf('192.0.2.2'))
  await eventually(() => order.length === count + 1)
  const place = order.indexOf('192.0.2.2')
  assert.ok(place < count / 2, `${place} of ${count} came first`)
  for (const socket of [...many, other]) socket.destroy()
})

test('OperationSlots › are released for a client that disconnects during authentication', async () => {
  const arrived = Promise.withResolvers<void>()
  const lookedAt = Promise.withResolvers<void>()
  let looks = 0
  await using hark = await TestServer.start({
    server: {
      limits: { ...DEFAULT_LIMITS, clientOperations: 1 },
      authenticator: {
        enabled: false,
        authenticate: async () => {
          looks += 1
          if (looks === 1) {
            arrived.resolve()
            await lookedAt.promise
          }
          return ANONYMOUS
        },
      },
    },
  })
  const gone = Promise.withResolvers<void>()
  const begun = (message: unknown): void => {
    unsubscribe(REQUEST, begun)
    const { response } = message as { readonly response: ServerResponse }
    response.once('close', gone.resolve)
  }
  subscribe(REQUEST, begun)
  const leaver = await connected(hark)
  leaver.resume().write(requestOf('192.0.2.1'))
  await arrived.promise
  leaver.destroy()
  await gone.promise
  lookedAt.resolve()
  const { status, text } = await hark.graphql('{ head }')
  assert.equal(status, 200, text)
})
