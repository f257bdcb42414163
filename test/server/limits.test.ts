import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { DEFAULT_LIMITS, LIMIT_NAMES, type LimitName, type Limits } from '../../src/config/limits.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { ServerOptions } from '../../src/server/server.ts'
import { bearer, credentials } from '../support/credentials.ts'
import { eventually } from '../support/eventually.ts'
import { APPLY, BACKEND, CREATE_LISTENER, listenerInput } from '../support/operations.ts'
import { overEvents, overWebSocket, type TestSubscription, TRANSPORTS } from '../support/subscription-client.ts'
import { type Answer, onlyError, TestServer } from '../support/test-server.ts'

const WATCH = 'subscription { listeners { position } }'

const withLimits = (
  limits: Partial<Limits>,
  server: Omit<ServerOptions, 'engine' | 'logger'> = {},
): Promise<TestServer> => TestServer.start({ server: { ...server, limits: { ...DEFAULT_LIMITS, ...limits } } })

/** Waits until the metrics count the hits; a request for them may exceed a limit as well. */
const counted = (
  hark: TestServer,
  limit: LimitName,
  hits: number,
  headers: Record<string, string> = {},
): Promise<void> =>
  eventually(async () =>
    (await hark.get('/metrics', headers)).text.includes(`hark_limit_hits_total{limit="${limit}"} ${hits}\n`),
  )

/** Requires an error that names the limit. */
const names = (answer: Pick<Answer, 'errors' | 'text'>, limit: LimitName, code: string): void => {
  const { message, extensions } = onlyError(answer)
  assert.deepEqual([extensions.code, (extensions as { readonly limit?: string }).limit], [code, limit])
  assert.notEqual(message, '')
}

/** Repeats a request until it is rejected. */
const untilRefused = async <T>(ask: (turn: number) => Promise<T | undefined>): Promise<T> => {
  for (let turn = 0; turn < 50; turn++) {
    const refusal = await ask(turn)
    if (refusal === undefined) continue
    assert.ok(turn >= 1, 'the very first was refused')
    return refusal
  }
  return assert.fail('nothing was refused')
}

/** Opens an initialized WebSocket. */
const openSocket = async (hark: TestServer): Promise<WebSocket> => {
  const socket = new WebSocket(`${hark.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send('{"type":"connection_init"}')
  await once(socket, 'message')
  return socket
}

const closed = async (socket: WebSocket): Promise<{ code: number; reason: string }> => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return { code, reason: String(reason) }
}

/** Sends a beginning and nothing more; returns what arrives until the server closes the connection. */
const sendSlowly = async (hark: TestServer, beginning: string): Promise<{ head: string; body: Answer['errors'] }> => {
  const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
  socket.write(beginning)
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  return { head, body: JSON.parse(body).errors }
}

const HEAD = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const list = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Commands that wait until they may go on. */
const heldCommands = () => {
  const held = Promise.withResolvers<void>()
  let count = 0
  const behind = (engine: Engine): Engine => ({
    ...engine,
    execute: (async (...args: Parameters<Engine['execute']>) => {
      count += 1
      await held.promise
      return engine.execute(...args)
    }) as Engine['execute'],
  })
  return { behind, goOn: held.resolve, begun: () => count }
}

const errorsOf = (live: TestSubscription): Promise<NonNullable<Answer['errors']>> =>
  live.next().then(
    result => result?.errors ?? [],
    (thrown: NonNullable<Answer['errors']>) => thrown,
  )

/** Some megabytes. */
const LONG = `{ ${list(90)
  .map(index => `a${index}: routerConfig(namespace: "many") { json }`)
  .join(' ')} }`

/** A server with enough data for a reader to lag behind. */
const withLong = async (limits: Partial<Limits>): Promise<TestServer> => {
  const hark = await withLimits(limits)
  const manifests = list(300).map(index => ({
    ...BACKEND,
    metadata: { namespace: 'many', name: `l${index}` },
    spec: { routingKey: 'k', host: `h${index}`, port: 1 },
  }))
  await hark.data(APPLY, { input: { manifests } })
  return hark
}

/** What shows that each limit holds. */
const CASES: Record<LimitName, Record<string, () => Promise<void>>> = {
  requestBytes: {
    'limits the body of a request': async () => {
      await using hark = await withLimits({ requestBytes: 100 })
      assert.ok(await hark.data('{ head }'))
      const answer = await hark.graphql(`{ head }${' '.repeat(100)}`)
      assert.equal(answer.status, 413)
      names(answer, 'requestBytes', 'BAD_USER_INPUT')
      await counted(hark, 'requestBytes', 1)
    },
    'limits a chunked body': async () => {
      await using hark = await withLimits({ requestBytes: 100 })
      const body = new Blob([`{"query":"{ head }${' '.repeat(100)}"}`]).stream()
      const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' as const }
      assert.equal((await fetch(`${hark.url}/graphql`, options)).status, 413)
      await counted(hark, 'requestBytes', 1)
    },
    'limits a WebSocket message': async () => {
      await using hark = await withLimits({ requestBytes: 100 })
      const socket = await openSocket(hark)
      socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: `{ head }${' '.repeat(100)}` } }))
      assert.equal((await closed(socket)).code, 1009)
      await counted(hark, 'requestBytes', 1)
    },
  },

  batch: {
    'allows one operation by default': async () => {
      await using hark = await TestServer.start()
      assert.deepEqual((await hark.post('[{"query":"{ head }"}]')).status, 200)
      names(await hark.post('[{"query":"{ head }"},{"query":"{ head }"}]'), 'batch', 'BAD_USER_INPUT')
      await counted(hark, 'batch', 1)
    },
    'executes several operations in order': async () => {
      await using hark = await withLimits({ batch: 3 })
      const operations = [
        { query: CREATE_LISTENER, variables: { input: listenerInput('first') } },
        { query: CREATE_LISTENER, variables: { input: listenerInput('first') } },
        { query: '{ listeners { totalCount } }' },
      ]
      const answers = JSON.parse((await hark.post(JSON.stringify(operations))).text)
      assert.equal(answers[0].data.createListener.listener.metadata.name, 'first')
      assert.equal(answers[1].errors[0].extensions.code, 'ALREADY_EXISTS')
      assert.equal(answers[2].data.listeners.totalCount, 1)
      names(await hark.post(JSON.stringify([...operations, operations[2]])), 'batch', 'BAD_USER_INPUT')
    },
    'rejects a batch with a subscription': async () => {
      await using hark = await withLimits({ batch: 3 })
      const operations = [{ query: CREATE_LISTENER, variables: { input: listenerInput('not') } }, { query: WATCH }]
      assert.equal((await hark.post(JSON.stringify(operations))).status, 406)
      assert.equal((await hark.data('{ listeners { totalCount } }')).listeners.totalCount, 0)
    },
  },

  queryFields: {
    'counts the fields of spread fragments': async () => {
      await using hark = await withLimits({ queryFields: 3 })
      assert.ok(await hark.data('{ head ...f } fragment f on Query { a: head b: head }'))
      const tooMany = '{ head ...f ...f } fragment f on Query { a: head b: head }'
      names(await hark.graphql(tooMany), 'queryFields', 'BAD_USER_INPUT')
      await counted(hark, 'queryFields', 1)
    },
  },

  queryDepth: {
    'limits the nesting of fields': async () => {
      await using hark = await withLimits({ queryDepth: 2 })
      assert.ok(await hark.data('{ listeners { totalCount } }'))
      names(await hark.graphql('{ listeners { edges { cursor } } }'), 'queryDepth', 'BAD_USER_INPUT')
      await counted(hark, 'queryDepth', 1)
    },
  },

  queryAliases: {
    'limits the aliases of an operation': async () => {
      await using hark = await withLimits({ queryAliases: 2 })
      assert.ok(await hark.data('{ a: head b: head }'))
      names(await hark.graphql('{ a: head b: head c: head }'), 'queryAliases', 'BAD_USER_INPUT')
      await counted(hark, 'queryAliases', 1)
    },
  },

  queryRows: {
    'limits the rows of all lists together': async () => {
      await using hark = await withLimits({ queryRows: 2 })
      const manifests = list(2).map(index => ({
        ...BACKEND,
        metadata: { namespace: 'many', name: `l${index}` },
        spec: { routingKey: 'k', host: `h${index}`, port: 1 },
      }))
      await hark.data(APPLY, { input: { manifests } })
      assert.ok(await hark.data('{ listeners { totalCount } }'))
      names(
        await hark.graphql('{ a: listeners { totalCount } b: listeners { totalCount } }'),
        'queryRows',
        'BAD_USER_INPUT',
      )
      await counted(hark, 'queryRows', 1)
    },
  },

  requestsPerSecond: {
    'counts all tokens of one name together': async () => {
      const given = await credentials()
      await using hark = await withLimits({ requestsPerSecond: 1 }, { authenticator: given.authenticator })
      const [one, other, bob] = ['alice', 'alice', 'bob'].map(name => bearer(given.make(name, 'admin')))
      const ask = (headers: Record<string, string>) => hark.graphql('{ head }', {}, headers)
      const refused = await untilRefused(async turn => {
        const answer = await ask(turn % 2 === 0 ? one! : other!)
        return answer.status === 200 ? undefined : answer
      })
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1'])
      names(refused, 'requestsPerSecond', 'UNAVAILABLE')
      assert.equal((await ask(bob!)).status, 200)
      await counted(hark, 'requestsPerSecond', 1, bearer(given.make('carol', 'admin')))
      given.dispose()
    },
    'counts rejected tokens by address': async () => {
      const given = await credentials()
      const options = { authenticator: given.authenticator, trustedProxies: ['127.0.0.1'] }
      await using hark = await withLimits({ requestsPerSecond: 1 }, options)
      const ask = (address: string) => hark.graphql('{ head }', {}, { 'x-forwarded-for': address, ...bearer('guess') })
      const refused = await untilRefused(async () => {
        const answer = await ask('192.0.2.1')
        return answer.status === 401 ? undefined : answer
      })
      assert.equal(refused.status, 429)
      assert.equal((await ask('192.0.2.2')).status, 401)
      given.dispose()
    },
    'counts operations over a WebSocket': async () => {
      await using hark = await withLimits({ requestsPerSecond: 1 })
      const client = createClient({ url: `${hark.url.replace('http', 'ws')}/graphql`, lazy: false, retryAttempts: 0 })
      const refused = await untilRefused(async () => {
        const answers = client.iterate<Answer['data']>({ query: '{ head }' })
        return answers.next().then(
          () => undefined,
          (errors: NonNullable<Answer['errors']>) => errors,
        )
      })
      names({ errors: refused, text: '' }, 'requestsPerSecond', 'UNAVAILABLE')
      await client.dispose()
    },
    'counts operations of a batch': async () => {
      await using hark = await withLimits({ requestsPerSecond: 1, batch: 3 })
      const answers = JSON.parse((await hark.post(JSON.stringify(list(3).map(() => ({ query: '{ head }' }))))).text)
      assert.deepEqual(
        answers.map(({ errors }: Answer) => errors?.[0]?.extensions.code),
        [undefined, undefined, 'UNAVAILABLE'],
      )
    },
    'is off by default without authentication': async () => {
      await using hark = await TestServer.start()
      const statuses = await Promise.all(list(50).map(async () => (await hark.graphql('{ head }')).status))
      assert.deepEqual([...new Set(statuses)], [200])
    },
  },

  subscriptions: {
    'counts subscriptions of all clients and transports': async () => {
      await using hark = await withLimits({ subscriptions: 1 }, { trustedProxies: ['127.0.0.1'] })
      await using first = await overEvents(hark.url, WATCH, {}, { 'x-forwarded-for': '192.0.2.1' })
      await eventually(async () => (await hark.openSubscriptions()) === 1)
      for (const subscribe of Object.values(TRANSPORTS)) {
        await using second = await subscribe(hark.url, WATCH)
        const errors = await second.next().then(
          result => result?.errors,
          (thrown: Answer['errors']) => thrown,
        )
        names({ errors: errors ?? [], text: '' }, 'subscriptions', 'UNAVAILABLE')
      }
      await counted(hark, 'subscriptions', Object.keys(TRANSPORTS).length)
      first.disconnect()
      await eventually(async () => (await hark.openSubscriptions()) === 0)
    },
  },

  clientSubscriptions: {
    'frees a slot when a subscription of the client ends': async () => {
      await using hark = await withLimits({ clientSubscriptions: 1 }, { trustedProxies: ['127.0.0.1'] })
      const subscribe = (address: string) => overEvents(hark.url, WATCH, {}, { 'x-forwarded-for': address })
      await using first = await subscribe('192.0.2.1')
      await eventually(async () => (await hark.openSubscriptions()) === 1)
      await using second = await subscribe('192.0.2.1')
      names({ errors: (await second.next())?.errors ?? [], text: '' }, 'clientSubscriptions', 'UNAVAILABLE')
      await using _ofAnother = await subscribe('192.0.2.2')
      await eventually(async () => (await hark.openSubscriptions()) === 2)
      await counted(hark, 'clientSubscriptions', 1)
      first.disconnect()
      await eventually(async () => (await hark.openSubscriptions()) === 1)
      await using _third = await subscribe('192.0.2.1')
      await eventually(async () => (await hark.openSubscriptions()) === 2)
    },
    'does not count a rejected subscription': async () => {
      await using hark = await withLimits({ clientSubscriptions: 1 })
      for (const subscribe of Object.values(TRANSPORTS)) {
        await using nothing = await subscribe(
          hark.url,
          'subscription { ready(namespace: "a", name: "a") { position } }',
        )
        await nothing.next().catch(() => undefined)
      }
      await using _ = await overEvents(hark.url, WATCH)
      await eventually(async () => (await hark.openSubscriptions()) === 1)
    },
  },

  clientOperations: {
    'frees a slot when an operation of the client is answered': async () => {
      const { behind, goOn, begun } = heldCommands()
      const options = {
        wrapEngine: behind,
        server: { limits: { ...DEFAULT_LIMITS, clientOperations: 2 }, trustedProxies: ['127.0.0.1'] },
      }
      await using hark = await TestServer.start(options)
      const held = [1, 2].map(index => hark.graphql(CREATE_LISTENER, { input: listenerInput(`held-${index}`) }))
      await eventually(() => begun() === 2)
      const refused = await hark.graphql('{ head }')
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1'])
      names(refused, 'clientOperations', 'UNAVAILABLE')
      await using live = await overWebSocket(hark.url, '{ head }')
      names({ errors: await errorsOf(live), text: '' }, 'clientOperations', 'UNAVAILABLE')
      const other = await hark.graphql('{ head }', {}, { 'x-forwarded-for': '192.0.2.1' })
      assert.equal(other.status, 200)
      goOn()
      await Promise.all(held)
      await eventually(async () => (await hark.graphql('{ head }')).status === 200)
      await counted(hark, 'clientOperations', 2)
    },
  },

  connectionOperations: {
    'frees a slot when an operation of the WebSocket is answered': async () => {
      const { behind, goOn, begun } = heldCommands()
      await using hark = await TestServer.start({
        wrapEngine: behind,
        server: { limits: { ...DEFAULT_LIMITS, connectionOperations: 2 } },
      })
      const socket = await openSocket(hark)
      const answers: { readonly id: string; readonly type: string; readonly payload: NonNullable<Answer['errors']> }[] =
        []
      socket.on('message', data => answers.push(JSON.parse(String(data))))
      const ask = (id: string, query: string, variables = {}) =>
        socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }))
      for (const id of ['1', '2']) ask(id, CREATE_LISTENER, { input: listenerInput(`held-${id}`) })
      // Operations in progress count even if their client has left.
      socket.send('{"id":"2","type":"complete"}')
      await eventually(() => begun() === 2)
      ask('3', '{ head }')
      await eventually(() => answers.length === 1)
      names({ errors: answers[0]!.payload, text: '' }, 'connectionOperations', 'UNAVAILABLE')
      await counted(hark, 'connectionOperations', 1)
      goOn()
      await eventually(() => answers.some(({ id, type }) => id === '1' && type === 'complete'))
      ask('4', '{ head }')
      await eventually(() => answers.some(({ id, type }) => id === '4' && type === 'complete'))
      assert.ok(!answers.some(({ id }) => id === '2'))
      socket.terminate()
    },
  },

  answerSeconds: {
    'ends a connection with an unread response': async () => {
      await using hark = await withLong({ answerSeconds: 1 })
      const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
      socket.pause()
      const body = JSON.stringify({ query: LONG })
      const request = `${HEAD}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
      // One answer fits into what the system keeps for a reader; so many do not.
      for (const _ of list(6)) socket.write(request)
      socket.on('error', () => undefined)
      await counted(hark, 'answerSeconds', 1)
      socket.destroy()
    },
    'closes a WebSocket with an unread message': async () => {
      await using hark = await withLong({ answerSeconds: 1 })
      const socket = await openSocket(hark)
      socket.pause()
      for (const id of list(6))
        socket.send(JSON.stringify({ id: `${id}`, type: 'subscribe', payload: { query: LONG } }))
      await counted(hark, 'answerSeconds', 1)
      socket.on('error', () => undefined)
      socket.resume()
      assert.match((await closed(socket)).reason, /answerSeconds|^$/)
    },
    'ends an event stream of many operations with an unread result': async () => {
      await using hark = await withLong({ answerSeconds: 1 })
      const path = '/graphql/stream'
      const token = await (await fetch(`${hark.url}${path}`, { method: 'PUT' })).text()
      const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
      socket.pause()
      socket.on('error', () => undefined)
      socket.write(`GET ${path}?token=${token} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`)
      const start = (operationId: string) =>
        fetch(`${hark.url}${path}?token=${token}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: LONG, extensions: { operationId } }),
        })
      await Promise.all(list(6).map(id => start(`${id}`)))
      await counted(hark, 'answerSeconds', 1)
      await eventually(async () => (await start('late')).status === 404)
      socket.destroy()
    },
    'ends an event stream with an unread event': async () => {
      await using hark = await withLong({ answerSeconds: 1 })
      const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
      socket.pause()
      socket.on('error', () => undefined)
      const texts = list(20).map(index => `a${index}: json`)
      const config = `routerConfig(namespace: "many", from: {position: "0"}) { config { ${texts.join(' ')} } }`
      const body = JSON.stringify({ query: `subscription { ${config} }` })
      socket.write(`${HEAD}Accept: text/event-stream\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
      await counted(hark, 'answerSeconds', 1)
      await eventually(async () => (await hark.openSubscriptions()) === 0)
      socket.destroy()
    },
  },

  idleSeconds: {
    'ends an idle connection': async () => {
      await using hark = await withLimits({ idleSeconds: 1 })
      const socket = connect(Number(new URL(hark.url).port), '127.0.0.1')
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
      assert.match(await text(socket), /keep-alive: timeout=1/i)
      await counted(hark, 'idleSeconds', 1)
    },
    'closes an idle WebSocket': async () => {
      await using hark = await withLimits({ idleSeconds: 1 })
      const [idle, busy] = await Promise.all([openSocket(hark), openSocket(hark)])
      busy.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: WATCH } }))
      const { code, reason } = await closed(idle)
      assert.equal(code, 1008)
      assert.match(reason, /idleSeconds/)
      const message = once(busy, 'message')
      await hark.data(CREATE_LISTENER, { input: listenerInput('seen') })
      assert.match(String((await message)[0]), /"position"/)
      busy.terminate()
    },
  },

  headersSeconds: {
    'limits the time for headers': async () => {
      await using hark = await withLimits({ headersSeconds: 1, requestSeconds: 30 })
      const { head, body = [] } = await sendSlowly(hark, HEAD)
      assert.match(head, /^HTTP\/1\.1 408 /)
      assert.match(head, /x-content-type-options: nosniff/)
      names({ errors: body, text: '' }, 'headersSeconds', 'BAD_USER_INPUT')
      await counted(hark, 'headersSeconds', 1)
    },
    'ends a connection without a request': async () => {
      await using hark = await withLimits({ headersSeconds: 1 })
      await sendSlowly(hark, '')
      await counted(hark, 'headersSeconds', 1)
    },
    'closes a WebSocket without connection_init': async () => {
      await using hark = await withLimits({ headersSeconds: 1 })
      const socket = new WebSocket(`${hark.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
      assert.equal((await closed(socket)).code, 4408)
      await counted(hark, 'headersSeconds', 1)
    },
  },

  requestSeconds: {
    'limits the time for a request': async () => {
      await using hark = await withLimits({ headersSeconds: 30, requestSeconds: 1 })
      const { head, body = [] } = await sendSlowly(hark, `${HEAD}Content-Length: 9\r\n\r\n{`)
      assert.match(head, /^HTTP\/1\.1 408 /)
      names({ errors: body, text: '' }, 'requestSeconds', 'BAD_USER_INPUT')
      await counted(hark, 'requestSeconds', 1)
    },
  },
}

test('limits › are each covered by a test', () => assert.deepEqual(Object.keys(CASES).sort(), LIMIT_NAMES.toSorted()))

for (const [limit, cases] of Object.entries(CASES)) {
  describe(limit, { concurrency: true }, () => {
    for (const [what, holds] of Object.entries(cases)) test(what, holds)
  })
}
