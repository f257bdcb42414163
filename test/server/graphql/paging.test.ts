import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
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

interface PageInfo {
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
  readonly hasNextPage: boolean
}

/** Each connection: `(ARGUMENTS)` stands for those of a page. */
const CONNECTIONS: Readonly<Record<string, string>> = {
  listeners: 'page: listeners(ARGUMENTS) FIELDS',
  connectors: 'page: connectors(ARGUMENTS) FIELDS',
  'listeners at a moment': 'page: listeners(at: { time: "2999-01-01T00:00:00Z" }, ARGUMENTS) FIELDS',
  history: 'of: listener(namespace: "paged", name: "l0") { page: history(ARGUMENTS) FIELDS }',
  events: 'page: events(namespace: "paged", ARGUMENTS) FIELDS',
}
const FORWARD_CONNECTIONS: Readonly<Record<string, string>> = {
  changes: 'page: changes(namespace: "paged", ARGUMENTS) FIELDS',
  statusLanes: 'page: statusLanes(ARGUMENTS) FIELDS',
  'entries of an audit report': 'of: auditReport { page: entries(ARGUMENTS) FIELDS }',
  'availability of an audit report': 'of: auditReport { page: availability(ARGUMENTS) FIELDS }',
}
const FIELDS = '{ edges { cursor } pageInfo { hasPreviousPage startCursor endCursor hasNextPage } }'

const pageOf = async (connection: string, args: string) => {
  const data = await hark.data(`{ ${connection.replace('ARGUMENTS', args).replace('FIELDS', FIELDS)} }`)
  const { edges, pageInfo } = data.page ?? data.of.page
  return { cursors: edges.map(({ cursor }: { cursor: string }) => cursor) as string[], pageInfo: pageInfo as PageInfo }
}

describe('pageInfo', () => {
  before(async () => {
    const connectors = Array.from({ length: 3 }, (_, index) => ({ ...manifest(`c${index}`), kind: 'Connector' }))
    await hark.data(APPLY, { input: { manifests: connectors } })
    for (const port of [3, 4])
      await hark.data(`mutation { updatePort(input: {namespace: "paged", name: "l0", port: ${port}}) { position } }`)
  })

  for (const [name, connection] of Object.entries({ ...CONNECTIONS, ...FORWARD_CONNECTIONS })) {
    test(`states what is before and after each page of ${name}`, async () => {
      const { cursors: all, pageInfo } = await pageOf(connection, 'first: 100')
      assert.ok(all.length >= 3, `${all.length} items`)
      const ends = { startCursor: all[0], endCursor: all.at(-1) }
      assert.deepEqual(pageInfo, { hasPreviousPage: false, ...ends, hasNextPage: false })
      assert.deepEqual(await pageOf(connection, `first: 1, after: "${all[0]}"`), {
        cursors: [all[1]],
        pageInfo: { hasPreviousPage: true, startCursor: all[1], endCursor: all[1], hasNextPage: true },
      })
      assert.deepEqual(await pageOf(connection, `first: 1, after: "${all.at(-1)}"`), {
        cursors: [],
        pageInfo: { hasPreviousPage: true, startCursor: null, endCursor: null, hasNextPage: false },
      })
    })
  }

  for (const [name, connection] of Object.entries(CONNECTIONS)) {
    test(`is as true when ${name} are paged backwards`, async () => {
      const { cursors: all } = await pageOf(connection, 'first: 100')
      const seen: string[] = []
      for (let args = 'last: 2'; ; ) {
        const { cursors, pageInfo } = await pageOf(connection, args)
        assert.equal(pageInfo.hasNextPage, seen.length > 0)
        seen.unshift(...cursors)
        assert.equal(pageInfo.hasPreviousPage, seen.length < all.length)
        if (!pageInfo.hasPreviousPage) break
        args = `last: 2, before: "${pageInfo.startCursor}"`
      }
      assert.deepEqual(seen, all)
    })

    test(`covers what is between two cursors of ${name}`, async () => {
      const { cursors: all } = await pageOf(connection, 'first: 100')
      const between = `after: "${all[0]}", before: "${all[2]}"`
      for (const size of ['first: 5', 'last: 5']) {
        const { cursors, pageInfo } = await pageOf(connection, `${size}, ${between}`)
        assert.deepEqual(cursors, [all[1]])
        assert.deepEqual([pageInfo.hasPreviousPage, pageInfo.hasNextPage], [true, true])
      }
      const { cursors } = await pageOf(connection, `first: 5, after: "${all[2]}", before: "${all[0]}"`)
      assert.deepEqual(cursors, [])
    })
  }
})

describe('orderBy', () => {
  const BY_STATUS = 'first: 100, orderBy: StatusChanged'
  const namesOf = async (args: string): Promise<string[]> => {
    const { listeners } = await hark.data(`{ listeners(${args}) { edges { node { metadata { name } } } } }`)
    return listeners.edges.map(({ node }: { node: { metadata: { name: string } } }) => node.metadata.name)
  }

  test('StatusChanged puts the latest change of Ready first, and those of the same time in the order of names', async () => {
    const { listeners } = await hark.data(
      `{ listeners(${BY_STATUS}) { edges { node { metadata { name } status { conditions { type lastTransitionTime } } } } } }`,
    )
    interface Row {
      readonly metadata: { readonly name: string }
      readonly status: {
        readonly conditions: readonly { readonly type: string; readonly lastTransitionTime: string }[]
      }
    }
    const rows = listeners.edges.map(({ node }: { node: Row }) => ({
      name: node.metadata.name,
      time: node.status.conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '',
    })) as { name: string; time: string }[]
    assert.equal(rows.length, (await namesOf('first: 100')).length)
    assert.ok(new Set(rows.map(({ time }) => time)).size > 1)
    const expected = rows.toSorted((a, b) => b.time.localeCompare(a.time) || (a.name < b.name ? -1 : 1))
    assert.deepEqual(rows, expected)
    const past = 'at: { time: "2999-01-01T00:00:00Z" }, '
    assert.deepEqual(
      await namesOf(past + BY_STATUS),
      rows.map(({ name }) => name),
    )
  })

  test('has cursors of its own', async () => {
    const byName = (await pageOf(CONNECTIONS.listeners!, 'first: 100')).cursors
    const byStatus = (await pageOf(CONNECTIONS.listeners!, BY_STATUS)).cursors
    assert.deepEqual(
      (await pageOf(CONNECTIONS.listeners!, `${BY_STATUS}, after: "${byStatus[1]}"`)).cursors,
      byStatus.slice(2),
    )
    assert.deepEqual(
      (await pageOf(CONNECTIONS.listeners!, `last: 2, orderBy: StatusChanged, before: "${byStatus[3]}"`)).cursors,
      byStatus.slice(1, 3),
    )
    for (const at of ['', 'at: { time: "2999-01-01T00:00:00Z" }, ']) {
      for (const [cursor, orderBy] of [
        [byName[0], 'StatusChanged'],
        [byStatus[0], 'Name'],
      ]) {
        const error = await hark.error(`{ listeners(${at}orderBy: ${orderBy}, after: "${cursor}") { totalCount } }`)
        assert.equal(error.extensions.fields?.[0]?.path, 'after')
      }
    }
  })
})

test('last › must be between 1 and 1000', async () => {
  for (const connection of Object.values(CONNECTIONS)) {
    for (const last of [0, 1001]) {
      const query = connection.replace('ARGUMENTS', `last: ${last}`).replace('FIELDS', FIELDS)
      assert.equal((await hark.error(`{ ${query} }`)).extensions.fields?.[0]?.path, 'last')
    }
  }
})

test('before › rejects an invalid cursor', async () => {
  for (const connection of Object.values(CONNECTIONS)) {
    const query = connection.replace('ARGUMENTS', 'before: "nonsense"').replace('FIELDS', FIELDS)
    assert.equal((await hark.error(`{ ${query} }`)).extensions.fields?.[0]?.path, 'before')
  }
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
