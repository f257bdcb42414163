import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { APPLY, BACKEND, CONNECTOR, SITE } from '../../support/operations.ts'
import { TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

before(async () => {
  const frontend = {
    ...BACKEND,
    metadata: { name: 'frontend', namespace: 'hello-world-east' },
    spec: { routingKey: 'web', host: 'web', port: 80 },
  }
  await hark.data(APPLY, { input: { manifests: [SITE, BACKEND, CONNECTOR, frontend] } })
})

const names = (connection: { edges: { node: { metadata: { name: string } } }[] }) =>
  connection.edges.map(({ node }) => node.metadata.name)

test('listeners › filters by namespace, routing key and status', async () => {
  const { all, west, web, ready, none } = await hark.data(`{
    all: listeners { ...page }
    west: listeners(namespace: "hello-world-west") { ...page }
    web: listeners(routingKey: "web", status: Pending) { ...page }
    ready: listeners(status: Ready) { ...page }
    none: listeners(namespace: "hello-world-west", routingKey: "web") { ...page }
  }
  fragment page on ListenerConnection {
    totalCount pageInfo { hasNextPage endCursor } edges { node { apiVersion kind metadata { name } } }
  }`)
  assert.deepEqual(names(all), ['frontend', 'backend'])
  assert.deepEqual(names(west), ['backend'])
  assert.deepEqual(names(web), ['frontend'])
  assert.equal(west.edges[0].node.apiVersion, 'skupper.io/v2alpha1')
  assert.equal(west.edges[0].node.kind, 'Listener')
  for (const empty of [ready, none])
    assert.deepEqual(empty, { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, edges: [] })
})

test('optional arguments › treat null as absent', async () => {
  const { listeners, events } = await hark.data(
    `query All($text: String, $status: ResourceStatus, $first: Int, $types: [String!], $after: Position) {
      listeners(namespace: $text, routingKey: $text, status: $status, first: $first, after: $text) { totalCount }
      events(namespace: $text, name: $text, types: $types, first: $first, after: $after) { edges { cursor } }
    }`,
    { text: null, status: null, first: null, types: null, after: null },
  )
  assert.equal(listeners.totalCount, 2)
  assert.equal(events.edges.length, 4)
})

test('matchingConnectors › lists the connectors of a listener, which are Matched', async () => {
  const { listener, connector, connectors } = await hark.data(`{
    listener(namespace: "hello-world-west", name: "backend") {
      status { hasMatchingConnector }
      matchingConnectors { routingKey site name host port since }
    }
    connector(namespace: "hello-world-east", name: "backend") { status { hasMatchingListener } history { edges { node { type } } } }
    connectors(routingKey: "backend") { totalCount edges { node { metadata { name } } } }
  }`)
  assert.equal(listener.status.hasMatchingConnector, true)
  const [{ since, ...match }] = listener.matchingConnectors
  assert.ok(Date.parse(since))
  assert.deepEqual(match, {
    routingKey: 'backend',
    site: 'hello-world-east',
    name: 'backend',
    host: '10.0.0.7',
    port: '8080',
  })
  assert.equal(connector.status.hasMatchingListener, true)
  assert.deepEqual(connector.history.edges, [{ node: { type: 'ConnectorCreated' } }])
  assert.deepEqual(names(connectors), ['backend'])
})

test('routingKey › lists the listeners and connectors that use it', async () => {
  const { used, unused } = await hark.data(`{
    used: routingKey(name: "backend") { name listeners { kind namespace name } connectors { kind namespace name } }
    unused: routingKey(name: "nobody") { listeners { name } connectors { name } }
  }`)
  assert.deepEqual(used, {
    name: 'backend',
    listeners: [{ kind: 'Listener', namespace: 'hello-world-west', name: 'backend' }],
    connectors: [{ kind: 'Connector', namespace: 'hello-world-east', name: 'backend' }],
  })
  assert.deepEqual(unused, { listeners: [], connectors: [] })
})

test('sites › include the state of their routers', async () => {
  const { sites } = await hark.data(
    '{ sites { kind metadata { name generation } spec router { connection laneStatus id url message since } } }',
  )
  assert.equal(sites.length, 1)
  const [{ router, ...site }] = sites
  assert.deepEqual(site, { kind: 'Site', metadata: { name: 'west', generation: 1 }, spec: { linkAccess: 'default' } })
  assert.deepEqual(
    { ...router, since: '' },
    { connection: 'Detached', laneStatus: 'Pending', id: null, url: null, message: 'No router attached', since: '' },
  )
})

test('routerConfig › has entities and skrouterd.json', async () => {
  const { routerConfig, head } = await hark.data(
    '{ routerConfig(namespace: "hello-world-west") { namespace position json entities { type name attributes } } head }',
  )
  assert.equal(routerConfig.position, head)
  const listener = routerConfig.entities.find(({ type }: { type: string }) => type === 'tcpListener')
  assert.equal(listener.name, 'listener/backend')
  assert.equal(listener.attributes.port, '8080')
  assert.deepEqual(
    JSON.parse(routerConfig.json),
    routerConfig.entities.map(({ type, attributes }: { type: string; attributes: object }) => [type, attributes]),
  )
})

test('events › filters by namespace, name and type', async () => {
  const { named, typed } = await hark.data(`{
    named: events(name: "backend") { edges { node { type } } }
    typed: events(namespace: "hello-world-west", types: ["SiteCreated", "ListenerCreated"]) { edges { node { type } } }
  }`)
  const types = ({ edges }: { edges: { node: { type: string } }[] }) => edges.map(({ node }) => node.type)
  assert.deepEqual(types(named).sort(), ['ConnectorCreated', 'ListenerCreated'])
  assert.deepEqual(types(typed).sort(), ['ListenerCreated', 'SiteCreated'])
})

test('GET › executes a query and rejects a mutation', async () => {
  const query = encodeURIComponent('query Q($n: Int) { listeners(first: $n) { totalCount } }')
  const answer = await hark.get(`/graphql?query=${query}&variables=${encodeURIComponent('{"n":1}')}&operationName=Q`)
  assert.deepEqual(answer.data, { listeners: { totalCount: 2 } })
  const mutation = encodeURIComponent(
    'mutation { deleteListener(input: {namespace: "hello-world-west", name: "backend"}) { uid } }',
  )
  assert.equal((await hark.get(`/graphql?query=${mutation}`)).status, 405)
  assert.equal((await hark.data('{ listeners { totalCount } }')).listeners.totalCount, 2)
})

test('operationName › selects one of several operations', async () => {
  const query = 'query A { a: head } query B { b: head }'
  const answer = await hark.post(JSON.stringify({ query, operationName: 'B' }))
  assert.deepEqual(Object.keys(answer.data), ['b'])
})
