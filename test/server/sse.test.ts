import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { PassThrough, Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { DEFAULT_LIMITS, type Limits } from '../../src/config/limits.ts'
import { SseOutbox } from '../../src/server/graphql/sse/outbox.ts'
import { Reservations } from '../../src/server/graphql/sse/reservations.ts'
import type { ServerOptions } from '../../src/server/server.ts'
import { bearer, credentials } from '../support/credentials.ts'
import { eventually } from '../support/eventually.ts'
import { holdCommands } from '../support/hold-commands.ts'
import { CREATE_LISTENER, listenerInput } from '../support/operations.ts'
import { type GraphQLError, onlyError, TestServer } from '../support/test-server.ts'

const WATCH = 'subscription { listeners { name } }'
/** Its errors fill the outbox of a stream. */
const MANY_ERRORS = `{ ${Array.from({ length: 100 }, (_, index) => 'x'.repeat(100) + index).join(' ')} }`
const READ = { accept: 'text/event-stream' }
const JSON_BODY = { 'content-type': 'application/json' }

type Headers = Readonly<Record<string, string>>

const withLimits = (limits: Partial<Limits>, server: Omit<ServerOptions, 'engine' | 'logger'> = {}) => ({
  server: { ...server, limits: { ...DEFAULT_LIMITS, ...limits } },
})

/** Requests of one caller to the path of event streams. */
const caller = (hark: TestServer, headers: Headers = {}) => {
  const send = (method: string, token?: string, { query = '', body, ...more }: Request = {}): Promise<Response> =>
    fetch(`${hark.url}/graphql/stream${query}`, {
      method,
      headers: { ...headers, ...(token && { 'x-graphql-event-stream-token': token }), ...more.headers },
      ...(more.signal && { signal: more.signal }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return {
    send,
    reserve: async (): Promise<string> => {
      const response = await send('PUT')
      assert.equal(response.status, 201)
      return response.text()
    },
    start: (token: string, operationId: unknown, query: string, variables = {}): Promise<Response> =>
      send('POST', token, { headers: JSON_BODY, body: { query, variables, extensions: { operationId } } }),
    open: async (token: string) => {
      const disconnection = new AbortController()
      const response = await send('GET', token, { headers: READ, signal: disconnection.signal })
      assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'text/event-stream'])
      return { events: eventsOf(response), disconnect: () => disconnection.abort() }
    },
  }
}

interface Request {
  readonly query?: string
  readonly headers?: Headers
  readonly body?: unknown
  readonly signal?: AbortSignal
}

interface Event {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: the payload is that of each operation
  readonly data: any
}

async function* eventsOf(response: Response): AsyncGenerator<Event, undefined> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const events = text.split('\n\n')
    text = events.pop()!
    for (const each of events) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(each) ?? []
      if (event !== undefined) yield { event, data: JSON.parse(data!) }
    }
  }
}

const next = async (events: AsyncGenerator<Event, undefined>): Promise<Event> => {
  const { value, done } = await events.next()
  assert.equal(done, false, 'the stream has ended')
  return value as Event
}

const rejected = async (request: Promise<Response>): Promise<readonly [number, GraphQLError]> => {
  const response = await request
  const text = await response.text()
  return [response.status, onlyError({ errors: JSON.parse(text).errors, text })]
}

/** The status and the code of a rejected request. */
const codeOf = async (response: Promise<Response>): Promise<readonly [number, string]> => {
  const [status, { extensions }] = await rejected(response)
  return [status, extensions.code]
}

const counted = (hark: TestServer, limit: string): Promise<void> =>
  eventually(async () =>
    new RegExp(`hark_limit_hits_total{limit="${limit}"} [1-9]`).test((await hark.get('/metrics')).text),
  )

describe('event stream › requests', () => {
  let hark: TestServer
  before(async () => {
    hark = await TestServer.start()
  })
  after(() => hark[Symbol.asyncDispose]())

  test('carries results of operations that began before and after its connection', async () => {
    const { reserve, open, start } = caller(hark)
    const token = await reserve()
    const early = await start(token, 'early', '{ head }')
    assert.deepEqual([early.status, await early.text()], [202, ''])
    const { events, disconnect } = await open(token)
    const { head } = await hark.data('{ head }')
    assert.deepEqual(await next(events), { event: 'next', data: { id: 'early', payload: { data: { head } } } })
    assert.deepEqual(await next(events), { event: 'complete', data: { id: 'early' } })
    assert.equal((await start(token, 'late', '{ head }')).status, 202)
    assert.deepEqual(await next(events), { event: 'next', data: { id: 'late', payload: { data: { head } } } })
    disconnect()
  })

  test('takes the token from the query string', async () => {
    const { reserve, send } = caller(hark)
    const query = `?token=${await reserve()}`
    const response = await send('GET', undefined, { query, headers: READ })
    assert.equal(response.status, 200)
    await response.body?.cancel()
  })

  test('asks proxies not to buffer or store the events', async () => {
    const { reserve, send } = caller(hark)
    const url = `${hark.url}/graphql?query=${encodeURIComponent(WATCH)}`
    for (const request of [send('GET', await reserve(), { headers: READ }), fetch(url, { headers: READ })]) {
      const { headers, body } = await request
      assert.equal(headers.get('x-accel-buffering'), 'no')
      assert.match(headers.get('cache-control')!, /no-store|no-cache/)
      await body?.cancel()
    }
  })

  test('starts an operation when the results of earlier ones are read', async () => {
    const { reserve, open, start } = caller(hark)
    const token = await reserve()
    assert.equal((await start(token, 'first', MANY_ERRORS)).status, 202)
    const second = start(token, 'second', '{ head }')
    const { events, disconnect } = await open(token)
    for (const id of ['first', 'second'])
      for (const event of ['next', 'complete']) {
        const received = await next(events)
        assert.deepEqual([received.event, received.data.id], [event, id])
      }
    assert.equal((await second).status, 202)
    disconnect()
  })

  test('rejects forms and requests of pages of other origins', async () => {
    const { reserve, send } = caller(hark)
    const token = await reserve()
    const headers = { 'content-type': 'text/plain', origin: 'https://other.example' }
    const body = { query: '{ head }', extensions: { operationId: 'one' } }
    assert.deepEqual(await codeOf(send('POST', token, { headers, body })), [415, 'BAD_USER_INPUT'])
    for (const method of ['PUT', 'DELETE', 'POST']) {
      const preflight = { origin: headers.origin, 'access-control-request-method': method }
      const response = await send('OPTIONS', undefined, { headers: preflight })
      assert.deepEqual([response.status, response.headers.get('access-control-allow-origin')], [405, null])
    }
  })

  test('rejects a second connection, and an id that is in use', async () => {
    const { reserve, open, start, send } = caller(hark)
    const token = await reserve()
    const { disconnect } = await open(token)
    assert.deepEqual(await codeOf(send('GET', token, { headers: READ })), [409, 'CONFLICT'])
    assert.equal((await start(token, 'one', WATCH)).status, 202)
    assert.deepEqual(await codeOf(start(token, 'one', WATCH)), [409, 'CONFLICT'])
    disconnect()
  })

  test('rejects an operation without an id, and a stop without one', async () => {
    const { reserve, start, send } = caller(hark)
    const token = await reserve()
    for (const operationId of [undefined, 1, ''])
      assert.deepEqual(await codeOf(start(token, operationId, '{ head }')), [400, 'BAD_USER_INPUT'])
    assert.deepEqual(await codeOf(start(token, 'x'.repeat(1001), '{ head }')), [400, 'BAD_USER_INPUT'])
    assert.deepEqual(await codeOf(send('DELETE', token)), [400, 'BAD_USER_INPUT'])
    assert.equal((await send('DELETE', token, { query: '?operationId=over' })).status, 200)
  })

  test('rejects other methods', async () => {
    const response = await caller(hark).send('PATCH')
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, POST, PUT, DELETE'])
  })
})

describe('event stream › callers', () => {
  test('rejects the token of another caller, and has the permissions of its own', async () => {
    const given = await credentials()
    await using hark = await TestServer.start({ server: { authenticator: given.authenticator } })
    const [owner, other] = ['viewer', 'admin'].map(role => caller(hark, bearer(given.make(role, role))))
    assert.ok(owner && other)
    const token = await owner.reserve()
    const missing = [404, 'NOT_FOUND']
    assert.deepEqual(await codeOf(other.send('GET', token, { headers: READ })), missing)
    assert.deepEqual(await codeOf(other.start(token, 'one', '{ head }')), missing)
    assert.deepEqual(await codeOf(other.send('DELETE', token, { query: '?operationId=one' })), missing)
    assert.deepEqual(await codeOf(owner.start('unknown', 'one', '{ head }')), missing)
    assert.deepEqual(await codeOf(caller(hark).send('PUT')), [401, 'UNAUTHENTICATED'])

    const { events, disconnect } = await owner.open(token)
    assert.equal((await owner.start(token, 'two', CREATE_LISTENER, { input: listenerInput('no') })).status, 202)
    const { data } = await next(events)
    assert.equal(onlyError({ errors: data.payload.errors, text: '' }).extensions.code, 'FORBIDDEN')
    disconnect()
    given.dispose()
  })

  test('ends subscriptions of a revoked token, and rejects its requests', async () => {
    const given = await credentials()
    await using hark = await TestServer.start({ server: { authenticator: given.authenticator } })
    const revoked = given.make('viewer', 'viewer')
    const { reserve, open, start, send } = caller(hark, bearer(revoked))
    const token = await reserve()
    const { events, disconnect } = await open(token)
    await start(token, 'watch', WATCH)
    given.revoke(revoked)
    let event = await next(events)
    while (event.data.payload.errors === undefined) event = await next(events)
    assert.equal(event.data.payload.errors[0].extensions.code, 'UNAUTHENTICATED')
    assert.deepEqual(await next(events), { event: 'complete', data: { id: 'watch' } })
    const unauthenticated = [401, 'UNAUTHENTICATED']
    assert.deepEqual(await codeOf(start(token, 'two', '{ head }')), unauthenticated)
    assert.deepEqual(await codeOf(send('DELETE', token, { query: '?operationId=one' })), unauthenticated)
    disconnect()
    given.dispose()
  })

  test('rejects the token of another address without authentication', async () => {
    await using hark = await TestServer.start({ server: { trustedProxies: ['127.0.0.1'] } })
    const [owner, other] = ['192.0.2.1', '192.0.2.2'].map(ip => caller(hark, { 'x-forwarded-for': ip }))
    const token = await owner!.reserve()
    assert.deepEqual(await codeOf(other!.start(token, 'one', '{ head }')), [404, 'NOT_FOUND'])
    assert.equal((await owner!.start(token, 'one', '{ head }')).status, 202)
  })
})

describe('event stream › limits', () => {
  test('limits the streams of a client until one disconnects, which ends its subscriptions', async () => {
    await using hark = await TestServer.start(withLimits({ clientSubscriptions: 1 }))
    const { reserve, open, start, send } = caller(hark)
    const token = await reserve()
    const { disconnect } = await open(token)
    assert.equal((await start(token, 'one', WATCH)).status, 202)
    await eventually(async () => (await hark.openSubscriptions()) === 1)
    const [status, { message, extensions }] = await rejected(send('PUT'))
    assert.equal(status, 503)
    assert.equal(message, 'too many event streams: the limit per client is 1')
    assert.deepEqual(extensions, { code: 'UNAVAILABLE', limit: 'clientSubscriptions' })
    disconnect()
    await eventually(async () => (await hark.openSubscriptions()) === 0)
    assert.deepEqual(await codeOf(start(token, 'two', WATCH)), [404, 'NOT_FOUND'])
    await reserve()
  })

  test('ends a reservation without a connection', async () => {
    await using hark = await TestServer.start(withLimits({ headersSeconds: 1 }))
    const { reserve, start } = caller(hark)
    const token = await reserve()
    await start(token, 'one', WATCH)
    await counted(hark, 'headersSeconds')
    assert.deepEqual(await codeOf(start(token, 'two', '{ head }')), [404, 'NOT_FOUND'])
    await eventually(async () => (await hark.openSubscriptions()) === 0)
  })

  test('starts no operation while results wait for a connection', async () => {
    await using hark = await TestServer.start(withLimits({ headersSeconds: 1 }))
    const { reserve, start } = caller(hark)
    const token = await reserve()
    await start(token, 'first', MANY_ERRORS)
    assert.deepEqual(await codeOf(start(token, 'second', '{ head }')), [404, 'NOT_FOUND'])
  })

  test('starts no operation on an ended stream whose events are not all read', async () => {
    const { promise: expired, resolve } = Promise.withResolvers<unknown>()
    const streams = new Reservations(
      { ...DEFAULT_LIMITS, idleSeconds: 0.01, hit: resolve },
      { slots: undefined as never, maskError: undefined as never, onFailure: undefined as never },
    )
    const token = streams.add('client')
    const keepsRunning = setInterval(() => undefined, 1000)
    streams.find(token, 'client').connect(new PassThrough() as unknown as ServerResponse)
    assert.equal(await expired, 'idleSeconds')
    clearInterval(keepsRunning)
    assert.throws(() => streams.find(token, 'client'), /no such event stream/)
  })

  test('ends a stream without operations', async () => {
    await using hark = await TestServer.start(withLimits({ idleSeconds: 1 }))
    const { reserve, open } = caller(hark)
    const { events } = await open(await reserve())
    assert.equal((await events.next()).done, true)
    await counted(hark, 'idleSeconds')
  })

  test('limits the operations of a stream', async () => {
    const { reached, goOn, wrapEngine } = holdCommands()
    await using hark = await TestServer.start({ wrapEngine, ...withLimits({ connectionOperations: 1 }) })
    const { reserve, open, start } = caller(hark)
    const token = await reserve()
    const { events, disconnect } = await open(token)
    await start(token, 'held', CREATE_LISTENER, { input: listenerInput('held') })
    await reached.promise
    await start(token, 'second', '{ head }')
    const { data } = await next(events)
    assert.equal(data.id, 'second')
    assert.equal(data.payload.errors[0].extensions.limit, 'connectionOperations')
    assert.equal((await next(events)).event, 'complete')
    goOn.resolve()
    assert.equal((await next(events)).data.payload.data.createListener.listener.metadata.name, 'held')
    disconnect()
  })
})

test('event stream › ends with the last operation when the server closes', async () => {
  const { reached, goOn, wrapEngine } = holdCommands()
  await using hark = await TestServer.start({ wrapEngine })
  const { reserve, open, start } = caller(hark)
  const token = await reserve()
  const { events } = await open(token)
  await start(token, 'watch', WATCH)
  await start(token, 'held', CREATE_LISTENER, { input: listenerInput('held') })
  await reached.promise
  const stopped = hark.stopServer()
  const { data } = await next(events)
  assert.deepEqual([data.id, data.payload.errors[0].extensions.code], ['watch', 'UNAVAILABLE'])
  assert.equal((await next(events)).event, 'complete')
  goOn.resolve()
  assert.equal((await next(events)).data.payload.data.createListener.listener.metadata.name, 'held')
  assert.equal((await next(events)).event, 'complete')
  assert.equal((await events.next()).done, true)
  await stopped
})

describe('SseOutbox', () => {
  /** A client that reads a text at a time. */
  const slowReader = () => {
    const texts: string[] = []
    let onRead: () => void = () => undefined
    const response = new Writable({
      decodeStrings: false,
      highWaterMark: 1,
      write: (text, _, done) => {
        texts.push(String(text))
        onRead = done
      },
    })
    return { response, texts, read: () => onRead() }
  }

  test('has room again, and reports an event as read, when the client has read it', async () => {
    const outbox = new SseOutbox()
    const { response, texts, read } = slowReader()
    outbox.connect(response as unknown as ServerResponse).pipe(response)
    await eventually(() => texts.length === 1)
    const long = 'x'.repeat(20_000)
    let wasRead = false
    outbox.send(long, () => {
      wasRead = true
    })
    let hasRoom = false
    const room = outbox.room()?.then(() => {
      hasRoom = true
    })
    read()
    await eventually(() => texts.length === 2)
    assert.deepEqual([wasRead, hasRoom], [false, false])
    read()
    await room
    assert.equal(wasRead, true)
    assert.deepEqual(texts.slice(1), [long])
  })

  test('releases what waits when it closes', async () => {
    const outbox = new SseOutbox()
    const read = new Promise<void>(resolve => outbox.send('x'.repeat(20_000), resolve))
    const room = outbox.room()
    outbox.close()
    await Promise.all([read, room])
    assert.equal(outbox.room(), undefined)
    await new Promise<void>(resolve => outbox.send('late', resolve))
  })
})
