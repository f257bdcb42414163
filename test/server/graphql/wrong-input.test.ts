import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { WebSocket } from 'ws'
import { APPLY, BACKEND, CREATE_LISTENER, listenerInput, UPDATE_PORT } from '../../support/operations.ts'
import { overWebSocket } from '../../support/subscription-client.ts'
import { type GraphQLError, onlyError, TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
let events: number
before(async () => {
  await hark.data(CREATE_LISTENER, { input: listenerInput('there') })
  events = await hark.eventCount()
})
after(async () => {
  try {
    // Whatever was sent, nothing came of it, and the server is well.
    assert.equal(await hark.eventCount(), events)
    assert.deepEqual(hark.loggedErrors, [])
  } finally {
    await hark[Symbol.asyncDispose]()
  }
})

const paths = (error: ReturnType<typeof onlyError>) => error.extensions.fields?.map(({ path }) => path)

const create = (spec: object, more: object = {}) =>
  hark.error(CREATE_LISTENER, {
    input: { namespace: 'west', name: 'wrong', spec: { routingKey: 'a', host: 'a', port: 1, ...spec }, ...more },
  })

const WRONG_VALUES: [string, object, object, string[]][] = [
  ['a name of 300 characters', {}, { name: 'x'.repeat(300) }, ['name']],
  ['a name in capitals', {}, { name: 'Backend' }, ['name']],
  ['a namespace with a dot', {}, { namespace: 'a.b' }, ['namespace']],
  ['port -1', { port: -1 }, {}, ['spec.port']],
  ['port 65536', { port: 65536 }, {}, ['spec.port']],
  ['a host with a blank', { host: 'a b' }, {}, ['spec.host']],
  ['an invalid IP address', { host: '10.0.0.256' }, {}, ['spec.host']],
  ['an empty routing key', { routingKey: '' }, {}, ['spec.routingKey']],
  ['credentials that are a path', { tlsCredentials: '../secret' }, {}, ['spec.tlsCredentials']],
  ['a setting that is not a string', { settings: { a: 1 } }, {}, ['spec.settings.a']],
  ['an unknown observer', { settings: { observer: 'http3' } }, {}, ['spec.settings.observer']],
  ['settings that are a list', { settings: [] }, {}, ['spec.settings']],
  ['an empty command id', {}, { commandId: '' }, ['commandId']],
  ['a command id of 201 characters', {}, { commandId: 'x'.repeat(201) }, ['commandId']],
  ['a command id with a lone surrogate', {}, { commandId: '\ud801' }, ['commandId']],
  ['a routing key with a lone surrogate', { routingKey: 'a\udc00' }, {}, ['spec.routingKey']],
  ['a setting whose name has a lone surrogate', { settings: { 'a\ud801': '1' } }, {}, ['spec.settings']],
  ['several issues', { port: 0, host: '' }, { name: '-' }, ['name', 'spec.host', 'spec.port']],
]
for (const [what, spec, more, expected] of WRONG_VALUES) {
  test(`invalid input › is rejected with its path: ${what}`, async () => {
    const error = await create(spec, more)
    assert.equal(error.extensions.code, 'BAD_USER_INPUT')
    assert.deepEqual(paths(error), expected)
  })
}

const WRONG_TYPES: [string, string, object, string][] = [
  [
    'a text for a port, in a variable',
    CREATE_LISTENER,
    { input: listenerInput('a', { spec: { routingKey: 'a', host: 'a', port: '8080' } }) },
    'spec.port',
  ],
  ['a port beyond all integers', UPDATE_PORT, { input: { namespace: 'a', name: 'a', port: 1e12 } }, 'port'],
  ['a field that is missing, in a variable', UPDATE_PORT, { input: { namespace: 'a', port: 1 } }, 'name'],
  ['an unknown field in a variable', UPDATE_PORT, { input: { namespace: 'a', name: 'a', port: 1, prot: 2 } }, 'prot'],
  ['an input that is missing', UPDATE_PORT, {}, ''],
  ['an input that is not an object', UPDATE_PORT, { input: 7 }, ''],
  [
    'a text for a port, in the document',
    'mutation { updatePort(input: {namespace: "a", name: "a", port: "8080"}) { position } }',
    {},
    'port',
  ],
  [
    'a wrong value deep in the document',
    'mutation { createListener(input: {namespace: "a", name: "a", spec: {routingKey: "a", host: 1, port: 1}}) { position } }',
    {},
    'spec.host',
  ],
  [
    'a field that is missing in the document',
    'mutation { updatePort(input: {namespace: "a", port: 1}) { position } }',
    {},
    'name',
  ],
  [
    'a field that the document has too much',
    'mutation { updatePort(input: {namespace: "a", name: "a", port: 1, prot: 2}) { position } }',
    {},
    'prot',
  ],
  ['an argument that is missing', '{ listener(namespace: "a") { kind } }', {}, 'name'],
  ['an unknown argument', '{ listeners(firts: 1) { totalCount } }', {}, 'firts'],
  [
    'a variable of a field',
    'mutation U($port: Int!) { updatePort(input: {namespace: "a", name: "a", port: $port}) { position } }',
    { port: 'x' },
    'port',
  ],
  [
    'a wrong item of a list',
    'query E($types: [String!]) { events(types: $types) { edges { cursor } } }',
    { types: ['a', 1] },
    'types[1]',
  ],
  ['a wrong item of a list in the document', '{ events(types: ["a", 1]) { edges { cursor } } }', {}, 'types[1]'],
  ['a value that an enum does not have', '{ listeners(status: Good) { totalCount } }', {}, 'status'],
  ['an invalid position', '{ events(after: "x") { edges { cursor } } }', {}, 'after'],
  [
    'JSON nested too deep',
    APPLY,
    { input: { manifests: [JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`)] } },
    'manifests[0]',
  ],
]
for (const [what, query, variables, path] of WRONG_TYPES) {
  test(`invalid input › is rejected with its path: ${what}`, async () => {
    const error = await hark.error(query, variables)
    assert.equal(error.extensions.code, 'BAD_USER_INPUT')
    assert.deepEqual(paths(error), [path])
    assert.ok(error.message.length > 10)
  })
}

const NO_OPERATIONS: [string, string][] = [
  ['an incomplete document', '{ head '],
  ['an empty document', ''],
  ['an unknown field', '{ nothing }'],
  ['an object without a selection', '{ listeners }'],
  ['a fragment alone', 'fragment a on Query { head }'],
  ['an unknown type', 'query A($a: Nothing) { head }'],
  ['several operations without operationName', 'query A { head } query B { head }'],
]
for (const [what, query] of NO_OPERATIONS) {
  test(`invalid request › is BAD_USER_INPUT: ${what}`, async () => {
    const answer = await hark.graphql(query)
    for (const { extensions } of answer.errors!) {
      assert.equal(extensions.code, 'BAD_USER_INPUT')
      assert.equal(extensions.fields?.length, 1)
    }
    assert.equal('data' in answer, false)
  })
}

const NO_REQUESTS: [string, string | Uint8Array<ArrayBuffer>, Record<string, string>, number][] = [
  ['a body that is not JSON', '{"query": "{ head }"', {}, 400],
  ['an empty body', '', {}, 400],
  ['bytes that are not UTF-8', new Uint8Array([0xff, 0xfe, 0x00]), {}, 400],
  ['null', 'null', {}, 400],
  ['a string', '"{ head }"', {}, 400],
  ['a batch', '[{"query": "{ head }"}, {"query": "{ head }"}]', {}, 400],
  ['no query', '{}', {}, 400],
  ['a query that is not a string', '{"query": 7}', {}, 400],
  ['variables that are a list', '{"query": "{ head }", "variables": []}', {}, 400],
  ['an operation name that is not a string', '{"query": "{ head }", "operationName": {}}', {}, 400],
  ['a __proto__ key', '{"query": "{ head }", "__proto__": {"a": 1}}', {}, 400],
  ['a URL-encoded form', 'query={head}', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['plain text', '{ head }', { 'content-type': 'text/plain' }, 415],
  ['an XML content type', '{"query": "{ head }"}', { 'content-type': 'application/xml' }, 415],
]
for (const [what, body, headers, status] of NO_REQUESTS) {
  test(`invalid HTTP request › is a GraphQL error with a status: ${what}`, async () => {
    const answer = await hark.post(body, headers)
    assert.equal(answer.status, status)
    assert.equal(onlyError(answer).extensions.code, 'BAD_USER_INPUT')
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  })
}

test('GET › rejects variables that are not JSON', async () => {
  const answer = await hark.get('/graphql?query={head}&variables={')
  assert.equal(answer.status, 400)
  assert.deepEqual(paths(onlyError(answer)), ['variables'])
})

test('routes › answer other methods and paths with 405 and 404', async () => {
  const deleted = await fetch(`${hark.url}/graphql`, { method: 'DELETE' })
  assert.equal(deleted.status, 405)
  assert.equal(deleted.headers.get('allow'), 'GET, POST')
  assert.equal((await deleted.json()).errors[0].extensions.code, 'BAD_USER_INPUT')
  const elsewhere = await hark.get('/nothing/here')
  assert.equal(elsewhere.status, 404)
  assert.equal(onlyError(elsewhere).extensions.code, 'NOT_FOUND')
  assert.equal((await hark.get('/%zz')).status, 400)
})

test('Accept › gets JSON if it names no type of GraphQL, over GET and POST', async () => {
  for (const answer of [
    await hark.get('/graphql?query={head}', { accept: 'image/png' }),
    await hark.graphql('{ head }', {}, { accept: 'image/png' }),
  ]) {
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
    assert.ok(answer.data?.head)
  }
})

test('application/graphql-response+json › has status 400 for an invalid document', async () => {
  const accept = 'application/graphql-response+json'
  const refused = await hark.graphql('{ nothing }', {}, { accept })
  assert.equal(refused.status, 400)
  assert.match(refused.headers.get('content-type') ?? '', /^application\/graphql-response\+json/)
  assert.equal((await hark.graphql('{ head }', {}, { accept })).status, 200)
})

test('lone surrogates › are rejected in manifests, queries and filters, and over WebSocket', async () => {
  const manifest = { ...BACKEND, spec: { ...BACKEND.spec, settings: { note: ['x', '\ud801'] } } }
  const applied = await hark.error(APPLY, { input: { manifests: [manifest] } })
  assert.deepEqual(
    [applied.extensions.code, paths(applied)],
    ['BAD_USER_INPUT', ['manifests[0].spec.settings.note[1]']],
  )
  const named = await hark.error('query ($key: String!) { routingKey(name: $key) { name } }', { key: '\udfff' })
  assert.deepEqual([named.extensions.code, paths(named)], ['BAD_USER_INPUT', ['key']])
  for (const text of ['\ud801', '\\ud801'])
    assert.equal((await hark.error(`{ routingKey(name: "${text}") { name } }`)).extensions.code, 'BAD_USER_INPUT')
  await using live = await overWebSocket(hark.url, CREATE_LISTENER, {
    input: listenerInput('half', { commandId: '\ud802' }),
  })
  await assert.rejects(live.next(), ([error]: GraphQLError[]) => {
    assert.equal(error?.extensions.code, 'BAD_USER_INPUT')
    assert.deepEqual(
      error?.extensions.fields?.map(({ path }) => path),
      ['commandId'],
    )
    return true
  })
})

test('request body › is rejected with the offset if it is not UTF-8', async () => {
  const body = JSON.stringify({ query: CREATE_LISTENER, variables: { input: listenerInput('caf#') } })
  for (const byte of [0xe8, 0xe9]) {
    const bytes = Buffer.from(body)
    bytes[bytes.indexOf('#')] = byte
    const answer = await hark.post(Uint8Array.from(bytes))
    assert.equal(answer.status, 400)
    assert.match(
      onlyError(answer).message,
      new RegExp(`not UTF-8.*0x${byte.toString(16)}, at offset ${bytes.indexOf(byte)}`),
    )
  }
  const socket = new WebSocket(`${hark.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send(Buffer.from([0x7b, 0xe9, 0x7d]), { binary: false })
  assert.equal((await once(socket, 'close'))[0], 1007)
})

test('request body › may be compressed, up to the limit of an uncompressed one', async () => {
  const text = JSON.stringify({ query: '{ head }' })
  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const) {
    const answer = await hark.post(Uint8Array.from(compress(text)), { 'content-encoding': encoding })
    assert.ok(answer.data?.head, answer.text)
    const large = await hark.post(Uint8Array.from(compress(`${text}${' '.repeat(5_000_000)}`)), {
      'content-encoding': encoding,
    })
    assert.equal(large.status, 413)
    assert.match(onlyError(large).message, /4 MB/)
    const wrong = await hark.post(text, { 'content-encoding': encoding })
    assert.equal(wrong.status, 400)
    assert.match(onlyError(wrong).message, new RegExp(`not valid ${encoding}`))
  }
  const unknown = await hark.post(text, { 'content-encoding': 'zstd' })
  assert.equal(unknown.status, 415)
  assert.match(onlyError(unknown).message, /zstd.*gzip/)
})
