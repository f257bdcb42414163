import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import type { Engine } from '../../src/engine/engine.ts'
import { bearer, credentials } from '../support/credentials.ts'
import { CREATE_LISTENER, listenerInput } from '../support/operations.ts'
import { type Answer, onlyError, TestServer } from '../support/test-server.ts'

const PAGE = 'https://hark-board.example'
const EVIL = 'https://evil.example'
const CREATE = `mutation { createListener(input: { namespace: "west", name: "forged", spec: { routingKey: "a", host: "a", port: 1 } }) { position } }`

const hark = await TestServer.start({ server: { corsOrigins: [PAGE], consoleFolder: '/missing' } })
const shut = await TestServer.start({ server: { consoleFolder: '/missing' } })
const given = await credentials()
after(async () => {
  await hark[Symbol.asyncDispose]()
  await shut[Symbol.asyncDispose]()
  given.dispose()
})

/** Sends what fetch does not let a program send, such as the name of a host. */
const send = async (url: string, method: string, headers: Record<string, string>, body = ''): Promise<Answer> => {
  const sent = request(url, { method, headers }).end(body)
  const [response] = await once(sent, 'response')
  const answer = await text(response)
  return {
    status: response.statusCode,
    headers: new Headers(response.headers),
    text: answer,
    ...(answer.startsWith('{') && JSON.parse(answer)),
  }
}

const listeners = async (of: TestServer): Promise<number> =>
  (await of.data('{ listeners { totalCount } }')).listeners.totalCount

const EXPECTED: Record<string, RegExp> = {
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cache-control': /^no-store$/,
  'content-security-policy': /default-src 'self'.*frame-ancestors 'none'/,
}

describe('security headers', () => {
  const json = { 'content-type': 'application/json' }
  const REQUESTS: Record<
    string,
    [status: number, method: string, path: string, headers?: Record<string, string>, body?: string]
  > = {
    'an answer': [200, 'POST', '/graphql', json, '{"query":"{ head }"}'],
    'errors of GraphQL': [200, 'POST', '/graphql', json, '{"query":"{ nothing }"}'],
    'no JSON': [400, 'POST', '/graphql', json, '{'],
    'another content type': [415, 'POST', '/graphql', { 'content-type': 'text/plain' }, '{}'],
    'another method': [405, 'PUT', '/graphql'],
    'an unknown path': [404, 'GET', '/nothing'],
    'a malformed URL': [400, 'GET', '/%zz'],
    GraphiQL: [200, 'GET', '/graphql', { accept: 'text/html' }],
    'a console without a build': [503, 'GET', '/'],
    metrics: [200, 'GET', '/metrics'],
    probes: [200, 'GET', '/healthz'],
    'a foreign host': [403, 'GET', '/healthz', { host: 'evil.example' }],
  }
  for (const [what, [expected, method, path, headers = {}, body = '']] of Object.entries(REQUESTS)) {
    test(what, async () => {
      for (const server of [hark, shut]) {
        const answer = await send(`${server.url}${path}`, method, headers, body)
        assert.equal(answer.status, expected)
        for (const [name, value] of Object.entries(EXPECTED)) assert.match(answer.headers.get(name) ?? 'none', value)
        assert.match(answer.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
        assert.equal(answer.headers.get('strict-transport-security'), null)
      }
    })
  }
})

describe('CORS', () => {
  const preflight = (of: TestServer, origin: string) =>
    send(`${of.url}/graphql`, 'OPTIONS', {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    })
  const simple = (of: TestServer, origin: string) =>
    send(`${of.url}/graphql?query={head}`, 'GET', { origin, accept: 'application/json' })

  test('allows no other origin by default', async () => {
    for (const answer of [await preflight(shut, PAGE), await simple(shut, PAGE)])
      assert.equal(answer.headers.get('access-control-allow-origin'), null)
    assert.equal((await preflight(shut, PAGE)).status, 405)
  })

  test('allows a configured origin, without credentials', async () => {
    const allowed = await preflight(hark, PAGE)
    assert.equal(allowed.status, 204)
    assert.equal(allowed.headers.get('access-control-allow-origin'), PAGE)
    assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /authorization/)
    assert.equal(allowed.headers.get('access-control-allow-credentials'), null)
    const answer = await simple(hark, PAGE)
    assert.equal(answer.headers.get('access-control-allow-origin'), PAGE)
    assert.match(answer.headers.get('vary') ?? '', /origin/i)
  })

  for (const origin of [EVIL, 'null', `${PAGE}.evil.example`, PAGE.replace('https', 'http'), `${PAGE}:8443`])
    test(`rejects the origin ${origin}`, async () => {
      for (const answer of [await preflight(hark, origin), await simple(hark, origin)])
        assert.equal(answer.headers.get('access-control-allow-origin'), null)
    })

  test('rejects a WebSocket from an origin that is not configured', async () => {
    const open = async (of: TestServer, origin?: string): Promise<string> => {
      const url = `${of.url.replace('http', 'ws')}/graphql`
      const socket = new WebSocket(url, 'graphql-transport-ws', origin === undefined ? {} : { origin })
      const outcome = await once(socket, 'open').then(
        () => 'open',
        (error: Error) => error.message,
      )
      socket.terminate()
      return outcome
    }
    assert.equal(await open(hark, PAGE), 'open')
    assert.equal(await open(hark, hark.url), 'open')
    assert.equal(await open(hark), 'open')
    for (const origin of [EVIL, 'null', `${hark.url}0`, `${PAGE}.evil.example`])
      assert.match(await open(hark, origin), /401/)
    assert.match(await open(shut, PAGE), /401/)
  })
})

describe('CSRF protection', () => {
  const json = JSON.stringify({ query: CREATE })
  const query = `query=${encodeURIComponent(CREATE)}`
  const form = `--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n${CREATE}\r\n--x--\r\n`
  const SENT: Record<string, () => Promise<Answer>> = {
    'a GET': () => send(`${shut.url}/graphql?${query}`, 'GET', {}),
    'a GET that accepts event streams': () =>
      send(`${shut.url}/graphql?${query}`, 'GET', { accept: 'text/event-stream' }),
    'a HEAD': () => send(`${shut.url}/graphql?${query}`, 'HEAD', {}),
    'text/plain': () => shut.post(json, { 'content-type': 'text/plain' }),
    'text/plain that looks like JSON': () => shut.post(json, { 'content-type': 'text/plain; application/json' }),
    'a URL-encoded form': () => shut.post(query, { 'content-type': 'application/x-www-form-urlencoded' }),
    'a multipart form': () => shut.post(form, { 'content-type': 'multipart/form-data; boundary=x' }),
    'no content type': () => send(`${shut.url}/graphql`, 'POST', {}, json),
    'a POST whose query is in the URL': () => send(`${shut.url}/graphql?${query}`, 'POST', {}),
  }
  for (const [what, sent] of Object.entries(SENT))
    test(what, async () => {
      const { status } = await sent()
      assert.ok([400, 405, 415].includes(status), String(status))
      assert.equal(await listeners(shut), 0)
    })
})

describe('Host check without authentication', () => {
  const ask = (of: TestServer, host: string, headers: Record<string, string> = {}) =>
    send(`${of.url}/graphql`, 'POST', { host, 'content-type': 'application/json', ...headers }, '{"query":"{ head }"}')

  for (const host of ['evil.example', 'evil.example:4000', '127.0.0.1.evil.example', 'localhost.evil.example', 'a@b'])
    test(`rejects the host ${host}`, async () => {
      const answer = await ask(shut, host)
      assert.equal(answer.status, 403)
      assert.equal(onlyError(answer).extensions.code, 'FORBIDDEN')
    })

  for (const host of ['localhost', 'LOCALHOST:4000', 'hark.localhost', '127.0.0.1:4000', '[::1]:4000', '192.0.2.1'])
    test(`accepts the host ${host}`, async () => assert.equal((await ask(shut, host)).status, 200))

  test('rejects a WebSocket with a foreign host', async () => {
    const url = `${shut.url.replace('http', 'ws')}/graphql`
    const host = 'evil.example:4000'
    const socket = new WebSocket(url, 'graphql-transport-ws', { headers: { host }, origin: `http://${host}` })
    assert.match(String((await once(socket, 'error'))[0]), /401/)
  })

  test('accepts any host when a token is required', async () => {
    await using locked = await TestServer.start({ server: { authenticator: given.authenticator } })
    assert.equal((await ask(locked, 'hark.example', bearer(given.make('root', 'admin')))).status, 200)
    assert.equal((await ask(locked, 'hark.example')).status, 401)
  })
})

describe('GraphiQL', () => {
  const page = (of: TestServer, headers: Record<string, string> = {}) =>
    of.get('/graphql', { accept: 'text/html', ...headers })

  test('is served without authentication, unless it is off', async () => {
    assert.equal((await page(shut)).status, 200)
    await using off = await TestServer.start({ server: { graphiql: false } })
    const answer = await page(off)
    assert.equal(answer.status, 404)
    assert.match(onlyError(answer).message, /--graphiql on/)
  })

  test('is not served if a token is required, unless it is on', async () => {
    const { authenticator } = given
    const admin = bearer(given.make('admin', 'admin'))
    await using locked = await TestServer.start({ server: { authenticator } })
    assert.deepEqual([(await page(locked)).status, (await page(locked, admin)).status], [401, 404])
    await using on = await TestServer.start({ server: { authenticator, graphiql: true } })
    assert.equal((await page(on)).status, 200)
    assert.equal(
      (await on.get('/graphql?query={head}', { accept: 'text/html' })).headers.get('content-type'),
      'text/html; charset=utf-8',
    )
    assert.equal((await on.get('/graphql?query={head}')).status, 401)
  })
})

test('error handler › reveals nothing of an unexpected error, wherever it is thrown', async () => {
  const broken = (): never => {
    throw Object.assign(new Error('no entry to /var/lib/hark with s3cr3t'), { statusCode: 418, code: 'ESECRET' })
  }
  const behind = (engine: Engine): Engine => ({
    ...engine,
    execute: broken,
    refused: broken,
    status: broken,
    read: { ...engine.read, resources: broken },
    watch: { ...engine.watch, resources: broken },
  })
  await using leaky = await TestServer.start({ wrapEngine: behind })
  const answers = [
    await leaky.graphql(CREATE_LISTENER, { input: listenerInput('a') }),
    await leaky.graphql('{ listeners { totalCount } }'),
    await leaky.graphql('subscription { listeners { position } }', {}, { accept: 'text/event-stream' }),
    await leaky.graphql('mutation { updatePort(input: { namespace: "a", name: "a", port: 0 }) { position } }'),
    await leaky.get('/readyz'),
    await leaky.get('/metrics'),
  ]
  for (const { text } of answers) assert.doesNotMatch(text, /s3cr3t|ESECRET|var\/lib|\.ts:\d/)
  for (const { status, text } of answers.slice(-2)) {
    assert.equal(status, 500)
    assert.match(text, /Internal error: see the log for request/)
  }
  assert.ok(leaky.loggedErrors.length >= answers.length - 1)
})
