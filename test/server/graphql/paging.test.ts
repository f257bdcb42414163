import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { APPLY, BACKEND, DELETE_LISTENER } from '../../support/operations.ts'
import { TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const manifest = (name: string) => ({
  ...BACKEND,
  metadata: { namespace: 'paged', name },
  spec: { routingKey: 'k', host: name, port: 1 },
})

const LISTENERS = `query Page($first: Int, $after: String) {
  listeners(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { cursor node { metadata { name } } }
  }
}`
const EVENTS = `query Page($first: Int, $after: Position) {
  events(first: $first, after: $after) { pageInfo { hasNextPage endCursor } edges { cursor node { position data } } }
}`

before(async () => {
  const manifests = Array.from({ length: 10 }, (_, index) => manifest(`l${index}`))
  await hark.data(APPLY, { input: { manifests } })
})

test('listeners › pages on while listeners are created and deleted', async () => {
  const first = (await hark.data(LISTENERS, { first: 4 })).listeners
  assert.equal(first.totalCount, 10)
  assert.equal(first.pageInfo.hasNextPage, true)
  assert.equal(first.pageInfo.endCursor, first.edges.at(-1).cursor)
  // The last of the page goes, and so does one to come; one comes before and one after.
  for (const name of ['l3', 'l5']) await hark.data(DELETE_LISTENER, { input: { namespace: 'paged', name } })
  await hark.data(APPLY, { input: { manifests: [manifest('a'), manifest('l4a')] } })
  const rest = (await hark.data(LISTENERS, { first: 100, after: first.pageInfo.endCursor })).listeners
  assert.deepEqual(
    rest.edges.map(({ node }: { node: { metadata: { name: string } } }) => node.metadata.name),
    ['l4', 'l4a', 'l6', 'l7', 'l8', 'l9'],
  )
  assert.equal(rest.pageInfo.hasNextPage, false)
})

test('events › returns each event once while others are recorded', async () => {
  const { edges: all } = (await hark.data(EVENTS, { first: 1000 })).events
  const seen: string[] = []
  for (let after: string | undefined; ; ) {
    const page = (await hark.data(EVENTS, { first: 3, after })).events
    seen.push(...page.edges.map(({ cursor }: { cursor: string }) => cursor))
    if (!page.pageInfo.hasNextPage) break
    after = page.pageInfo.endCursor
  }
  assert.deepEqual(
    seen,
    all.map(({ node }: { node: { position: string } }) => node.position),
  )
  assert.deepEqual(seen, seen.toSorted())
})

test('history › returns each event once, page by page', async () => {
  const history = `query Page($after: Position) {
    listener(namespace: "paged", name: "l0") { history(first: 1, after: $after) { edges { cursor } pageInfo { hasNextPage endCursor } } }
  }`
  await hark.data('mutation { updatePort(input: {namespace: "paged", name: "l0", port: 2}) { position } }')
  const first = (await hark.data(history)).listener.history
  assert.equal(first.pageInfo.hasNextPage, true)
  const second = (await hark.data(history, { after: first.pageInfo.endCursor })).listener.history
  assert.equal(second.pageInfo.hasNextPage, false)
  assert.ok(second.edges[0].cursor > first.edges[0].cursor)
})

test('first › must be between 1 and 1000', async () => {
  for (const first of [0, -1, 1001]) {
    for (const query of [LISTENERS, EVENTS]) {
      const { extensions } = await hark.error(query, { first })
      assert.equal(extensions.code, 'BAD_USER_INPUT')
      assert.equal(extensions.fields?.[0]?.path, 'first')
    }
  }
})

test('after › rejects an invalid cursor', async () => {
  for (const [query, after] of [
    [LISTENERS, 'nonsense'],
    [LISTENERS, ''],
    [EVENTS, 'nonsense'],
    [EVENTS, '-1'],
  ] as const) {
    const { extensions } = await hark.error(query, { after })
    assert.equal(extensions.code, 'BAD_USER_INPUT')
    assert.equal(extensions.fields?.[0]?.path, 'after')
  }
})
