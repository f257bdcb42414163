import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { createClient } from 'graphql-ws'
import type { Engine } from '../../src/engine/engine.ts'
import { createServer } from '../../src/server/server.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { eventually } from '../support/eventually.ts'
import { holdCommands } from '../support/hold-commands.ts'
import { CREATE_LISTENER, listenerInput } from '../support/operations.ts'
import { TRANSPORTS } from '../support/subscription-client.ts'
import { onlyError, TestServer } from '../support/test-server.ts'

test('GraphiQL › loads nothing from other hosts', async () => {
  await using hark = await TestServer.start()
  const page = await hark.get('/graphql', { accept: 'text/html' })
  assert.equal(page.status, 200)
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(page.text, /<title>Hark<\/title>/)
  assert.doesNotMatch(page.text, /<(script|link|img)[^>]*(src|href)="?https?:/)
})

test('GraphiQL › is compressed by Accept-Encoding', async () => {
  await using hark = await TestServer.start()
  const get = async (encodings: string) => {
    const sent = request(`${hark.url}/graphql`, {
      headers: { accept: 'text/html', 'accept-encoding': encodings },
    }).end()
    const [response] = await once(sent, 'response')
    return { encoding: response.headers['content-encoding'], vary: response.headers.vary, body: await buffer(response) }
  }
  const plain = await get('identity')
  assert.equal(plain.encoding, undefined)
  for (const [accepted, encoding, decompress] of [
    ['gzip, deflate, br, zstd', 'zstd', zstdDecompressSync],
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
  ] as const) {
    const page = await get(accepted)
    assert.deepEqual([page.encoding, page.vary], [encoding, 'accept-encoding'])
    assert.ok(page.body.length < plain.body.length / 2)
    assert.ok(decompress(page.body).equals(plain.body))
  }
})

test('GraphiQL › adds its examples to the tabs of the last visit', async () => {
  await using hark = await TestServer.start()
  const { text } = await hark.get('/graphql', { accept: 'text/html' })
  const script = /<script>([^<]*graphiql:tabState[^<]*)<\/script>/.exec(text)?.[1] ?? ''
  const visit = (kept: string | null): string | null => {
    const stored = new Map([['graphiql:tabState', kept]])
    runInNewContext(script, {
      localStorage: {
        getItem: (key: string) => stored.get(key) ?? null,
        setItem: (key: string, value: string) => stored.set(key, value),
      },
    })
    return stored.get('graphiql:tabState') ?? null
  }
  // At the first visit, and after something that is none of GraphiQL's, its own default holds.
  assert.equal(visit(null), null)
  assert.equal(visit('no JSON'), 'no JSON')
  assert.match(text, /"defaultTabs":\[\{"query":"# Hark/)
  const own = {
    id: 'own',
    title: 'Own',
    query: '{ head }',
    variables: null,
    headers: null,
    operationName: null,
    response: null,
  }
  const kept = visit(JSON.stringify({ tabs: [own], activeTabIndex: 0 }))
  const { tabs, activeTabIndex } = JSON.parse(kept ?? '')
  assert.deepEqual([tabs[0], activeTabIndex], [own, 0])
  assert.deepEqual(
    tabs.slice(1).map(({ title }: { title: string }) => title),
    ['Listeners', 'Apply', 'History', 'Matched'],
  )
  assert.equal(visit(kept), kept)
})

test('health endpoints › report liveness, and readiness with reasons', async () => {
  const status = { ready: false, live: false, position: 7, rebuilding: ['listener-status'] }
  await using hark = await TestServer.start({ wrapEngine: engine => ({ ...engine, status: () => status }) })
  assert.equal((await hark.get('/healthz')).status, 200)

  const waiting = await hark.get('/readyz')
  assert.equal(waiting.status, 503)
  const { reasons, ...rest } = JSON.parse(waiting.text)
  assert.equal(reasons.length, 3)
  assert.deepEqual(rest, { ...status, position: '0000000000000007' })

  Object.assign(status, { ready: true, rebuilding: [] })
  const behind = await hark.get('/readyz')
  assert.equal(behind.status, 200)
  assert.deepEqual(JSON.parse(behind.text).reasons, [
    'the event store does not respond, or the read models lag behind it',
  ])

  Object.assign(status, { live: true })
  assert.deepEqual(JSON.parse((await hark.get('/readyz')).text).reasons, [])
})

test('metrics › count commands, requests and subscriptions', async () => {
  await using hark = await TestServer.start()
  await hark.data(CREATE_LISTENER, { input: listenerInput('counted') })
  await hark.error(CREATE_LISTENER, { input: listenerInput('counted') })
  await hark.data('mutation { updatePort(input: {namespace: "west", name: "counted", port: 8080}) { position } }')
  await hark.get('/nothing')
  const { text, headers } = await hark.get('/metrics')
  assert.match(headers.get('content-type') ?? '', /^text\/plain/)
  const lines = text.split('\n')
  for (const line of [
    'hark_commands_total{type="CreateListener",outcome="done"} 1',
    'hark_commands_total{type="CreateListener",outcome="ALREADY_EXISTS"} 1',
    'hark_commands_total{type="UpdatePort",outcome="unchanged"} 1',
    'hark_command_duration_seconds_count{type="CreateListener"} 2',
    'hark_http_requests_total{route="/graphql",status="200"} 3',
    'hark_http_requests_total{route="none",status="404"} 1',
    'hark_subscriptions_open 0',
    'hark_ready 1',
    'hark_store_live 1',
  ])
    assert.ok(lines.includes(line), line)
  assert.match(text, /^hark_position [1-9]/m)
  assert.match(text, /^process_cpu_seconds_total/m)
})

test('maskError › logs an unexpected error and reveals only the request id', async () => {
  const broken = () => {
    throw new Error('the secret is 42')
  }
  await using hark = await TestServer.start({
    wrapEngine: engine => ({ ...engine, execute: broken as Engine['execute'] }),
  })
  const answer = await hark.graphql(CREATE_LISTENER, { input: listenerInput('a') })
  const error = onlyError(answer)
  assert.deepEqual(error.extensions, { code: 'INTERNAL_SERVER_ERROR' })
  assert.doesNotMatch(answer.text, /secret/)
  const requestId = answer.headers.get('x-request-id')
  assert.ok(error.message.includes(String(requestId)))
  assert.deepEqual(
    hark.loggedErrors.map(entry => (entry as { requestId: string }).requestId),
    [requestId],
  )
})

test('unavailable store › fails commands and history, and still answers queries', async () => {
  await using hark = await TestServer.start()
  await hark.data(CREATE_LISTENER, { input: listenerInput('a') })
  await hark.store.close()
  assert.equal((await hark.error(CREATE_LISTENER, { input: listenerInput('b') })).extensions.code, 'UNAVAILABLE')
  assert.equal((await hark.error('{ events { edges { cursor } } }')).extensions.code, 'UNAVAILABLE')
  assert.equal((await hark.data('{ listeners { totalCount } }')).listeners.totalCount, 1)
})

for (const [transport, subscribe] of Object.entries(TRANSPORTS)) {
  test(`close › ends subscriptions with UNAVAILABLE, over ${transport}`, async () => {
    await using hark = await TestServer.start()
    await using live = await subscribe(hark.url, 'subscription { listener(namespace: "a", name: "a") { position } }')
    assert.ok((await live.next())?.data)
    const closed = hark.stopServer()
    const farewell = await live.next()
    assert.deepEqual(
      farewell?.errors?.map(({ message, extensions }) => [extensions.code, message]),
      [['UNAVAILABLE', 'Hark is shutting down: try again later']],
    )
    assert.equal(await live.next(), undefined)
    await closed
    await assert.rejects(fetch(hark.url))
  })
}

test('close › completes a command in progress', async () => {
  const { reached, goOn, wrapEngine } = holdCommands()
  await using hark = await TestServer.start({ wrapEngine })
  const answer = hark.data(CREATE_LISTENER, { input: listenerInput('a') })
  await reached.promise
  const closed = hark.stopServer()
  goOn.resolve()
  assert.equal((await answer).createListener.listener.metadata.name, 'a')
  await closed
})

test('close › answers a command in progress over WebSocket, then closes the socket with a reason', async () => {
  const { reached, goOn, wrapEngine } = holdCommands()
  await using hark = await TestServer.start({ wrapEngine })
  const closing = Promise.withResolvers<CloseEvent>()
  const client = createClient({
    url: `${hark.url.replace('http', 'ws')}/graphql`,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
    on: { closed: event => closing.resolve(event as CloseEvent) },
  })
  const results = client.iterate<{ createListener: { listener: { metadata: { name: string } } } }>({
    query: CREATE_LISTENER,
    variables: { input: listenerInput('a') },
  })
  const answer = results.next()
  await reached.promise
  const closed = hark.stopServer()
  goOn.resolve()
  assert.equal((await answer).value?.data?.createListener.listener.metadata.name, 'a')
  const { code, reason } = await closing.promise
  assert.deepEqual([code, reason], [1001, 'Hark is shutting down'])
  await closed
})

test('close › terminates connections after five seconds', async t => {
  await using hark = await TestServer.start({
    wrapEngine: engine => ({ ...engine, execute: (() => new Promise(() => {})) as Engine['execute'] }),
  })
  const answer = hark.graphql(CREATE_LISTENER, { input: listenerInput('a') })
  const failed = assert.rejects(answer)
  await eventually(async () => (await hark.get('/healthz')).status === 200)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const closed = hark.stopServer()
  t.mock.timers.tick(5_000)
  await closed
  await failed
})

test('listen › rejects if the port is in use', async () => {
  await using hark = await TestServer.start()
  const second = createServer({ engine: hark.engine, logger: silentLogger })
  const port = Number(new URL(hark.url).port)
  await assert.rejects(second.listen({ host: '127.0.0.1', port }), { code: 'EADDRINUSE' })
  await second.close()
})

test('server › answers others while a request is incomplete', async () => {
  await using hark = await TestServer.start()
  const half = request(`${hark.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 100 },
  })
  half.on('error', () => {})
  half.write('{"query"')
  assert.ok(await hark.data('{ head }'))
  half.destroy()
})
