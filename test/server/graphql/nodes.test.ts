import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { fromGlobalId, toGlobalId } from '../../../src/server/graphql/global-id.ts'
import { APPLY, BACKEND, CONNECTOR, DELETE_LISTENER, SITE, UPDATE_PORT } from '../../support/operations.ts'
import { overEvents } from '../../support/subscription-client.ts'
import { TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const { namespace, name } = BACKEND.metadata
const NODE = `query ($id: ID!) { node(id: $id) {
  __typename id
  ... on Listener { spec { port } matchingConnectors { name } history { edges { node { type } } } }
  ... on Connector { spec { port } status { hasMatchingListener } }
  ... on Site { metadata { name } router { connection } reaches { site } }
} }`
const LISTENER_ID = `query ($at: Moment) { listener(namespace: "${namespace}", name: "${name}", at: $at) { id spec { port } } head }`

before(async () => {
  await hark.data(APPLY, { input: { manifests: [SITE, BACKEND, CONNECTOR] } })
})

describe('node', () => {
  it('returns the resource of every id, with the fields of its kind', async () => {
    const { listeners, connectors, sites } = await hark.data(
      '{ listeners { edges { node { id } } } connectors { edges { node { id } } } sites { id } }',
    )
    const ids = [listeners.edges[0].node.id, connectors.edges[0].node.id, sites[0].id]
    const [listener, connector, site] = await Promise.all(ids.map(async id => (await hark.data(NODE, { id })).node))
    assert.deepEqual(listener, {
      __typename: 'Listener',
      id: ids[0],
      spec: { port: 8080 },
      matchingConnectors: [{ name: 'backend' }],
      history: { edges: [{ node: { type: 'ListenerCreated' } }] },
    })
    assert.deepEqual(connector, {
      __typename: 'Connector',
      id: ids[1],
      spec: { port: 8080 },
      status: { hasMatchingListener: true },
    })
    assert.deepEqual(site, {
      __typename: 'Site',
      id: ids[2],
      metadata: { name: 'west' },
      router: { connection: 'Detached' },
      reaches: [],
    })
  })

  it('returns null for an id without a resource, and for a text that is no id', async () => {
    const unknown = [
      toGlobalId({ kind: 'Listener', namespace, name: 'unknown' }),
      toGlobalId({ kind: 'Site', namespace: 'unknown' }),
      toGlobalId({ kind: 'Listener', namespace, name, asOf: 999_999_999 }),
      Buffer.from(`Secret:${namespace}:${name}`).toString('base64url'),
      'nonsense',
      '',
    ]
    for (const id of unknown) assert.equal((await hark.data(NODE, { id })).node, null, id)
  })

  it('finds a past state by the id that it had, apart from the current one', async () => {
    const first = await hark.data(LISTENER_ID)
    await hark.data(UPDATE_PORT, { input: { namespace, name, port: 9090 } })
    const current = await hark.data(LISTENER_ID)
    assert.equal(current.listener.id, first.listener.id)
    const past = await hark.data(LISTENER_ID, { at: { position: first.head } })
    assert.notEqual(past.listener.id, current.listener.id)
    assert.equal(past.listener.spec.port, 8080)
    for (const { listener } of [current, past]) {
      const { node } = await hark.data(NODE, { id: listener.id })
      assert.deepEqual([node.id, node.spec.port], [listener.id, listener.spec.port])
    }
    const site = await hark.data(`query ($at: Moment) { sites(at: $at) { id } }`, { at: { position: first.head } })
    const { node } = await hark.data(NODE, { id: site.sites[0].id })
    assert.deepEqual([node.id, node.metadata.name], [site.sites[0].id, 'west'])
  })
})

describe('nodes', () => {
  it('returns the resources in the order of their ids', async () => {
    const ids = [
      toGlobalId({ kind: 'Site', namespace }),
      'nonsense',
      toGlobalId({ kind: 'Listener', namespace, name }),
      toGlobalId({ kind: 'Site', namespace }),
    ]
    const { nodes } = await hark.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', { ids })
    assert.deepEqual(
      nodes.map((node: { id: string; __typename: string } | null) => node && [node.id, node.__typename]),
      [[ids[0], 'Site'], null, [ids[2], 'Listener'], [ids[0], 'Site']],
    )
  })

  it('rejects more than 1,000 ids', async () => {
    const ids = Array.from({ length: 1001 }, () => toGlobalId({ kind: 'Listener', namespace, name }))
    const { message } = await hark.error('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })
    assert.match(message, /at most 1000 ids, are 1001/)
  })
})

describe('id', () => {
  it('is that of the current state in every message of a subscription, for caches', async () => {
    const document = `subscription { listener(namespace: "${namespace}", name: "${name}", from: { position: "0000000000000000" }) {
      eventType listener { id }
    } }`
    await using live = await overEvents(hark.url, document)
    const id = toGlobalId({ kind: 'Listener', namespace, name })
    for (const expected of [undefined, id, id]) {
      const { data } = (await live.next()) ?? assert.fail('the subscription ended')
      // biome-ignore lint/suspicious/noExplicitAny: the shape is that of the query
      assert.equal((data as any).listener.listener?.id, expected)
    }
  })

  it('stays when a resource is deleted and created again', async () => {
    const { listener } = await hark.data(LISTENER_ID)
    await hark.data(DELETE_LISTENER, { input: { namespace, name } })
    assert.equal((await hark.data(NODE, { id: listener.id })).node, null)
    await hark.data(APPLY, { input: { manifests: [BACKEND] } })
    assert.equal((await hark.data(LISTENER_ID)).listener.id, listener.id)
  })

  it('encodes kind, namespace, name and moment, and decodes nothing else', () => {
    const resources = [
      { kind: 'Listener', namespace: 'west', name: 'a.b-c', asOf: undefined },
      { kind: 'Connector', namespace: 'west', name: 'a', asOf: 42 },
      { kind: 'Site', namespace: 'west', name: undefined, asOf: 7 },
    ] as const
    for (const resource of resources) assert.deepEqual(fromGlobalId(toGlobalId(resource)), resource)
    for (const text of ['Listener:west', 'Site:west:west', 'Listener:west:a@1', 'listener:west:a', 'Listener:west:a:b'])
      assert.equal(fromGlobalId(Buffer.from(text).toString('base64url')), undefined, text)
  })
})
