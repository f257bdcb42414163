import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { describe, it } from 'node:test'
import { handleProtocols } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { Client } from '../../src/cli/client/client.ts'
import { ServerError } from '../../src/cli/client/errors.ts'
import { HeadDocument } from '../../src/cli/client/generated.ts'
import { follow } from '../../src/cli/client/subscribe.ts'
import type { Resource, ResourceKind } from '../../src/cli/resources/resource.ts'
import { watch } from '../../src/cli/resources/watch.ts'
import { runInProcess } from './hark.ts'

/** An engine that lets every client in, and answers its subscription like this, each connection in turn. */
const serving = async (answer: (socket: WebSocket, id: string, connection: number) => void) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols })
  let connections = 0
  server.on('connection', socket => {
    const connection = connections
    connections += 1
    socket.on('message', data => {
      const { type, id } = JSON.parse(String(data))
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
      if (type === 'subscribe') answer(socket, id, connection)
    })
  })
  await once(server, 'listening')
  return {
    client: new Client(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), undefined),
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}

const send = (socket: WebSocket, message: object): void => socket.send(JSON.stringify(message))

/** Follows until so many pauses were made, which take no time; what was paused and why, and how it ended. */
const followed = async (client: Client, pauses: number, random = () => 0) => {
  const leave = new AbortController()
  const paused: number[] = []
  const reasons: string[] = []
  const follower = { next: () => undefined, lost: (reason: string) => reasons.push(reason) }
  const pause = async (ms: number): Promise<void> => {
    paused.push(ms)
    if (paused.length === pauses) leave.abort()
  }
  const request = { query: HeadDocument.query, variables: {} }
  const error = await follow(client, request, follower, leave.signal, { random, pause }).catch(reason => reason)
  return { paused, reasons, error }
}

describe('follow that ends before it is connected', () => {
  it('ignores that the connection breaks afterwards', async () => {
    const server = createServer()
    const asked = Promise.withResolvers<Duplex>()
    server.on('upgrade', (_, socket: Duplex) => asked.resolve(socket))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const client = new Client(new URL(`http://127.0.0.1:${port}`), undefined)
    const rejected: unknown[] = []
    const note = (reason: unknown): void => void rejected.push(reason)
    process.on('unhandledRejection', note)
    const leave = new AbortController()
    const follower = { next: () => undefined, lost: () => undefined }
    const following = follow(client, { query: HeadDocument.query, variables: {} }, follower, leave.signal)
    const socket = await asked.promise
    leave.abort()
    await following
    socket.destroy()
    server.close()
    await once(server, 'close')
    // Rejections are reported after the microtasks of a turn; the client learns of the end in a later one.
    for (let turn = 0; turn < 50; turn += 1) await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', note)
    assert.deepEqual(rejected, [])
  })
})

describe('follow', () => {
  it('backs off while connections bring no message, and reports the reason', async () => {
    await using engine = await serving(socket => socket.close(1013, 'too many clients'))
    const { paused, reasons } = await followed(engine.client, 10)
    assert.deepEqual(paused, [250, 500, 1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000])
    assert.deepEqual(new Set(reasons), new Set(['too many clients']))
  })

  it('adds jitter of up to half of a pause', async () => {
    await using engine = await serving(socket => socket.close(1013, 'busy'))
    assert.deepEqual((await followed(engine.client, 3, () => 0.5)).paused, [188, 375, 750])
  })

  it('resets the backoff after a message', async () => {
    await using engine = await serving((socket, id, connection) => {
      if (connection === 3) send(socket, { id, type: 'next', payload: { data: { events: { position: '1' } } } })
      socket.close(1001, 'shutting down')
    })
    assert.deepEqual((await followed(engine.client, 6)).paused, [250, 500, 1000, 250, 500, 1000])
  })

  it('waits for retryAfterSeconds', async () => {
    const extensions = { code: 'UNAVAILABLE', limit: 'requestsPerSecond', retryAfterSeconds: 7 }
    await using engine = await serving((socket, id) =>
      send(socket, { id, type: 'error', payload: [{ message: 'too many requests', extensions }] }),
    )
    const { paused, reasons } = await followed(engine.client, 2)
    assert.deepEqual(paused, [7000, 7000])
    assert.deepEqual(reasons, ['too many requests', 'too many requests'])
  })

  for (const extensions of [
    { code: 'UNAVAILABLE', limit: 'subscriptions' },
    { code: 'FORBIDDEN' },
    { code: 'BAD_USER_INPUT' },
    { code: 'UNAUTHENTICATED' },
  ]) {
    it(`rejects with the error: ${Object.values(extensions).join(', ')}`, async () => {
      await using engine = await serving((socket, id) =>
        send(socket, { id, type: 'error', payload: [{ message: 'no', extensions }] }),
      )
      const { paused, error } = await followed(engine.client, 3)
      assert.deepEqual(paused, [])
      assert.ok(error instanceof ServerError)
      assert.match(error.message, /^Error from server \(\w+\): no\b/)
      assert.equal(error.status, 1)
    })
  }

  for (const code of [1009, 4400, 4401, 4403, 4406, 4429]) {
    it(`rejects with the reason of close code ${code}`, async () => {
      await using engine = await serving(socket => socket.close(code, 'not like this'))
      const { paused, error } = await followed(engine.client, 3)
      assert.deepEqual(paused, [])
      assert.match((error as ServerError).message, /^(Error from server \(Unauthorized\): )?not like this/)
    })
  }

  it('retries after a lost connection, and reports it', async () => {
    await using engine = await serving((socket, _, connection) =>
      connection === 0 ? socket.terminate() : socket.close(4500, 'Internal error'),
    )
    const { reasons } = await followed(engine.client, 2)
    assert.equal(reasons.length, 2)
    assert.ok(reasons[0])
    assert.equal(reasons[1], 'Internal error')
  })
})

it('history -f follows from the head before its listing, if that is empty', async () => {
  let head = 4
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const isHead = /\bhead\b/.test(JSON.parse(body).query)
    const events = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } }
    response.end(JSON.stringify({ data: isHead ? { head: String(head) } : { events } }))
    // An event that the listing does not show.
    if (!isHead) head += 1
  })
  const positions: string[] = []
  const sockets = new WebSocketServer({ server, handleProtocols })
  sockets.on('connection', socket =>
    socket.on('message', data => {
      const { type, id, payload } = JSON.parse(String(data))
      if (type === 'connection_init') send(socket, { type: 'connection_ack' })
      if (type !== 'subscribe') return
      positions.push(payload.variables.from.position)
      send(socket, { id, type: 'error', payload: [{ message: 'enough', extensions: { code: 'FORBIDDEN' } }] })
    }),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    const { port } = server.address() as AddressInfo
    for (const tail of [[], ['--tail', '3']])
      await runInProcess(['history', '-n', 'west', '-f', ...tail, '--server', `http://127.0.0.1:${port}`])
    assert.deepEqual(positions, ['4', '5'])
  } finally {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    server.close()
  }
})

describe('watch', () => {
  it('finds at the bookmark what was deleted before the subscription began', async () => {
    const metadata = { namespace: 'west', name: 'a', resourceVersion: '1' } as Resource['metadata']
    let present: Resource[] = [{ apiVersion: 'skupper.io/v2alpha1', kind: 'Listener', metadata, spec: {} }]
    await using engine = await serving((socket, id) => {
      present = []
      send(socket, { type: 'next', id, payload: { data: { change: { type: 'Bookmark' } } } })
    })
    const kind: Pick<ResourceKind, 'list' | 'live'> = {
      list: async () => present,
      live: () => ({ request: { query: HeadDocument.query, variables: {} }, change: () => undefined }),
    }
    const leave = new AbortController()
    const seen: (string | undefined)[] = []
    for await (const resources of watch(kind as ResourceKind, engine.client, {}, { signal: leave.signal })) {
      seen.push(...resources.map(({ metadata: { deletionTimestamp } }) => deletionTimestamp))
      if (seen.length === 2) break
    }
    assert.deepEqual([seen[0], typeof seen[1]], [undefined, 'string'])
  })
})
