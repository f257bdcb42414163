import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { buildSchema, type GraphQLObjectType } from 'graphql'
import { ALLOWED, GRANTS } from '../support/access-operations.ts'
import { bearer, credentials } from '../support/credentials.ts'
import { overEvents, overSingleConnection, overWebSocket, type Result } from '../support/subscription-client.ts'
import { TestServer } from '../support/test-server.ts'
import { read } from '../support/tree.ts'

const given = await credentials()
const hark = await TestServer.start({ server: { authenticator: given.authenticator } })
after(async () => {
  await hark[Symbol.asyncDispose]()
  given.dispose()
})
/** Codes that an allowed operation never returns here. */
const REFUSALS = ['FORBIDDEN', 'UNAUTHENTICATED', 'BAD_USER_INPUT']
const ADMIN = bearer(given.make('root', 'admin'))

const isSubscription = (document: string): boolean => document.startsWith('subscription')

/** The first that an operation is answered. */
const ask = async (document: string, headers: Record<string, string>): Promise<Result> => {
  if (!isSubscription(document)) return hark.graphql(document, {}, headers)
  await using live = await overEvents(hark.url, document, {}, headers)
  return (await live.next()) ?? assert.fail('a subscription ended without a word')
}

const setUp = async (): Promise<void> => {
  const spec = 'spec: { routingKey: "backend", host: "backend", port: 8080 }'
  for (const kind of ['Listener', 'Connector']) {
    const input = `{ namespace: "west", name: "backend", ${spec} }`
    await hark.graphql(`mutation { create${kind}(input: ${input}) { position } }`, {}, ADMIN)
  }
  const strategy = 'strategy: { priority: { routingKeys: ["backend"] } }'
  const several = `{ namespace: "west", name: "backend", spec: { host: "any-backend", port: 8081, ${strategy} } }`
  await hark.graphql(`mutation { createMultiKeyListener(input: ${several}) { position } }`, {}, ADMIN)
  const site = '{ apiVersion: "skupper.io/v2alpha1", kind: "Site", metadata: { name: "west", namespace: "west" } }'
  await hark.graphql(`mutation { apply(input: { manifests: [${site}] }) { results { name } } }`, {}, ADMIN)
}

describe('permissions', () => {
  test('cover every query, mutation and subscription', () => {
    const schema = buildSchema(read('schemas/schema.graphql'))
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    const operations = (roots as GraphQLObjectType[]).flatMap(root =>
      Object.keys(root.getFields()).map(field => `${root.name}.${field}`),
    )
    const covered = new Set(Object.keys(ALLOWED).map(operation => operation.split(' ')[0]))
    assert.deepEqual([...covered].sort(), operations.sort())
  })

  for (const grant of GRANTS) {
    const token = bearer(given.make(grant.replace(':', '-'), grant))

    test(`allow what ${grant} includes`, async () => {
      await setUp()
      for (const [operation, { document, allowed }] of Object.entries(ALLOWED)) {
        const { errors = [] } = await ask(document, token)
        const codes = errors.map(({ extensions }) => extensions.code)
        if (allowed.includes(grant))
          assert.deepEqual(
            codes.filter(code => REFUSALS.includes(code)),
            [],
            operation,
          )
        else assert.deepEqual(codes, ['FORBIDDEN'], operation)
      }
    })

    test(`of ${grant} are the same by a JWT`, async () => {
      const document = '{ viewer { roles permissions { permission namespaces } } }'
      const [byToken, byJwt] = await Promise.all(
        [token, bearer(await given.sign(grant))].map(headers => ask(document, headers)),
      )
      assert.notEqual(byToken?.data?.viewer.permissions.length, 0)
      assert.deepEqual(byJwt, byToken)
    })
  }
})

const bad: Record<string, () => Promise<Record<string, string>>> = {
  'no token': async () => ({}),
  'a scheme other than Bearer': async () => ({ authorization: 'Basic cm9vdDpyb290' }),
  'an unknown token': async () => bearer('hark_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'),
  'an expired token': async () => bearer(given.make('late', 'admin', new Date(Date.now() - 1).toISOString())),
  'a revoked token': async () => {
    const token = given.make('gone', 'admin')
    given.revoke(token)
    return bearer(token)
  },
  'an expired JWT': async () => bearer(await given.sign('admin', { expires: Date.now() - 60_000 })),
  'a JWT signed with another key': async () => bearer(await given.sign('admin', {}, given.otherKey)),
  'a JWT for another audience': async () => bearer(await given.sign('admin', { audience: 'other' })),
  'a JWT of another issuer': async () => bearer(await given.sign('admin', { issuer: 'https://evil.example' })),
  'a JWT without a subject': async () => bearer(await given.sign('admin', { sub: '' })),
  'a JWT with the subject agent': async () => bearer(await given.sign('admin', { sub: 'agent' })),
  'a JWT without a signature': async () => bearer(given.unsigned('admin')),
}

describe('authentication', () => {
  for (const [what, headersOf] of Object.entries(bad)) {
    test(`rejects ${what}`, async () => {
      const headers = await headersOf()
      for (const [operation, { document }] of Object.entries(ALLOWED)) {
        const { status, errors = [], data } = await hark.graphql(document, {}, { accept: '*/*', ...headers })
        assert.equal(status, 401, operation)
        assert.equal(data, undefined)
        assert.deepEqual(
          errors.map(({ extensions }) => extensions.code),
          ['UNAUTHENTICATED'],
          operation,
        )
      }
      assert.equal((await hark.get('/metrics', headers)).status, 401)
      assert.equal((await hark.get('/graphql?query={head}', headers)).status, 401)
      await using live = await overWebSocket(hark.url, '{ head }', {}, headers)
      await assert.rejects(live.next(), { code: 4401 })
    })
  }

  test('allows nothing to a JWT with unknown roles', async () => {
    for (const roles of ['root', 'admin:', 'admin:We st', 'admin:west:east']) {
      const { errors = [] } = await hark.graphql('{ head }', {}, bearer(await given.sign(roles)))
      assert.equal(errors[0]?.extensions.code, 'FORBIDDEN', roles)
    }
  })
})

describe('apply without a namespace in manifests', () => {
  test('requires permission in the default namespace', async () => {
    const operator = bearer(given.make('op-west', 'operator:west'))
    const document = 'mutation Apply($input: ApplyInput!) { apply(input: $input) { results { action } } }'
    const spec = { routingKey: 'nameless', host: 'nameless', port: 80 }
    const manifests = [{ apiVersion: 'skupper.io/v2alpha1', kind: 'Listener', metadata: { name: 'nameless' }, spec }]
    for (const dryRun of [true, false]) {
      const apply = (namespace: string) => hark.graphql(document, { input: { manifests, namespace, dryRun } }, operator)
      assert.equal((await apply('east')).errors?.[0]?.extensions.code, 'FORBIDDEN')
      assert.equal((await apply('west')).errors, undefined)
    }
  })
})

describe('compactHistory', () => {
  test('names the role that it needs', async () => {
    const document = ALLOWED['Mutation.compactHistory']?.document ?? assert.fail()
    const { errors } = await hark.graphql(document, {}, bearer(given.make('carol', 'operator')))
    assert.equal(errors?.[0]?.message, 'carol may not do this: it needs the role admin in all namespaces')
  })
})

describe('fields of other namespaces', () => {
  test('are errors with a path, for connectors', async () => {
    const spec = (host: string, port: number) => `spec: { routingKey: "guarded", host: "${host}", port: ${port} }`
    const create = (kind: string, namespace: string, what: string) =>
      `mutation { create${kind}(input: { namespace: "${namespace}", name: "guarded", ${what} }) { position } }`
    const made = [create('Listener', 'west', spec('open', 80)), create('Connector', 'vault', spec('secret-host', 1234))]
    for (const document of made) assert.equal((await hark.graphql(document, {}, ADMIN)).errors, undefined)
    const document =
      '{ listener(namespace: "west", name: "guarded") { matchingConnectors { site name host port } status { hasMatchingConnector } } }'
    const { text, errors = [], data } = await hark.graphql(document, {}, bearer(given.make('westerner', 'viewer:west')))
    assert.doesNotMatch(text, /secret-host|1234/)
    assert.ok(errors.length > 0 && errors.every(({ extensions }) => extensions.code === 'FORBIDDEN'))
    assert.equal(data?.listener?.status?.hasMatchingConnector ?? true, true)
    assert.match((await hark.graphql(document, {}, ADMIN)).text, /secret-host/)
  })

  test('hide the client address from all but auditors', async () => {
    await setUp()
    const document = '{ events(namespace: "west") { edges { node { actor via clientAddress commandId } } } }'
    const answers = await Promise.all(
      ['viewer:west', 'auditor:west'].map(async grant => hark.graphql(document, {}, bearer(await given.sign(grant)))),
    )
    assert.ok(answers[0]!.errors?.every(({ extensions }) => extensions.code === 'FORBIDDEN'))
    assert.doesNotMatch(answers[0]!.text, /127\.0\.0\.1/)
    assert.equal(answers[1]!.errors, undefined)
    assert.deepEqual(answers[1]!.data.events.edges[0].node, {
      actor: 'root',
      via: 'graphql',
      clientAddress: '127.0.0.1',
      commandId: null,
    })
  })
})

describe('subscription', () => {
  const WATCH = 'subscription { listeners(namespace: "west") { position } }'
  const subscribe = {
    'server-sent events': (token: string) => overEvents(hark.url, WATCH, {}, bearer(token)),
    'a WebSocket': (token: string) => overWebSocket(hark.url, WATCH, {}, bearer(token)),
    'an event stream of many operations': (token: string) => overSingleConnection(hark.url, WATCH, {}, bearer(token)),
  }
  for (const [transport, open] of Object.entries(subscribe)) {
    test(`ends with UNAUTHENTICATED when its token is revoked, over ${transport}`, async () => {
      await setUp()
      const token = given.make('watcher', 'viewer')
      await using live = await open(token)
      assert.ok((await live.next())?.data !== undefined)
      const ended = (async () => {
        for (let result = await live.next(); result !== undefined; result = await live.next())
          if (result.errors !== undefined) return result.errors[0]?.extensions.code
        return 'no word'
      })()
      given.revoke(token)
      assert.equal(await ended, 'UNAUTHENTICATED')
    })

    test(`ends when its token expires, over ${transport}`, async t => {
      await setUp()
      const expiresAt = Date.now() + 3_600_000
      const token = given.make('mayfly', 'viewer', new Date(expiresAt).toISOString())
      await using live = await open(token)
      assert.ok((await live.next())?.data !== undefined)
      t.mock.timers.enable({ apis: ['Date'], now: expiresAt })
      let code: string | undefined
      while (code === undefined) {
        const result = (await live.next()) ?? assert.fail('no word')
        code = result.errors?.[0]?.extensions.code
      }
      assert.equal(code, 'UNAUTHENTICATED')
    })
  }
})
