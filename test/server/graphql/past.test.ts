import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  APPLY,
  BACKEND,
  CONNECTOR,
  CREATE_LISTENER,
  DELETE_CONNECTOR,
  DELETE_LISTENER,
  UPDATE_PORT,
} from '../../support/operations.ts'
import { onlyError, TestServer } from '../../support/test-server.ts'

const hark = await TestServer.start()
after(() => hark[Symbol.asyncDispose]())

const { namespace, name } = BACKEND.metadata
const LISTENER = `{
  metadata { uid generation resourceVersion creationTimestamp }
  spec { routingKey host port }
  status { status message hasMatchingConnector conditions { type status reason message lastTransitionTime observedGeneration } }
  matchingConnectors { routingKey site name host port since }
  history { edges { node { type } } }
}`
const AT = `query ($at: Moment) {
  listener(namespace: "${namespace}", name: "${name}", at: $at) ${LISTENER}
  listeners(at: $at) { totalCount }
  connector(namespace: "hello-world-east", name: "backend", at: $at) { spec { port } status { hasMatchingListener } history { edges { node { type } } } }
  connectors(at: $at) { totalCount }
  routerConfig(namespace: "${namespace}", at: $at) { position json }
  head
}`

interface Taken {
  readonly position: string
  readonly time: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer of GraphQL's
  readonly shown: any
}

/** What was shown live after each step, to be shown again. */
const taken: Taken[] = []

const take = async (): Promise<void> => {
  const shown = await hark.data(AT)
  const { events } = await hark.data(`{ events(from: { position: "${shown.head}" }) { edges { node { time } } } }`)
  taken.push({ position: shown.head, time: events.edges[0].node.time, shown })
}

/** What may differ between then and now: where the log stands, and what came later. */
const comparable = ({ head: _, ...shown }: { head: string }) => shown

before(async () => {
  const steps = [
    () => hark.data(APPLY, { input: { manifests: [BACKEND] } }),
    () => hark.data(APPLY, { input: { manifests: [CONNECTOR] } }),
    () => hark.data(UPDATE_PORT, { input: { namespace, name, port: 9090 } }),
    () => hark.data(DELETE_CONNECTOR, { input: CONNECTOR.metadata }),
    () => hark.data(DELETE_LISTENER, { input: { namespace, name } }),
    () => hark.data(CREATE_LISTENER, { input: { namespace, name, spec: { ...BACKEND.spec, port: 7070 } } }),
  ]
  for (const step of steps) {
    await step()
    await take()
  }
})

describe('queries at a moment', () => {
  test('show everything as it was at a position, history included', async () => {
    for (const { position, shown } of taken)
      assert.deepEqual(comparable(await hark.data(AT, { at: { position } })), comparable(shown))
  })

  test('show everything as it was at a time', async () => {
    for (const [index, { time, shown }] of taken.entries()) {
      if (taken[index + 1]?.time === time) continue
      assert.deepEqual(comparable(await hark.data(AT, { at: { time } })), comparable(shown))
    }
  })

  test('are empty before the first event, and current in the future', async () => {
    const { listener, listeners, connectors } = await hark.data(AT, { at: { position: '0' } })
    assert.deepEqual([listener, listeners.totalCount, connectors.totalCount], [null, 0, 0])
    const future = await hark.data(AT, { at: { time: '2999-01-01T00:00:00Z' } })
    assert.deepEqual(comparable(future), comparable(taken.at(-1)?.shown))
  })

  test('return pages that follow each other', async () => {
    const { position } = taken[0] as Taken
    const query = 'query ($after: String) { listeners(at: { position: "0" }, after: $after) { totalCount } }'
    const first = await hark.data(
      `{ listeners(at: { position: "${position}" }, first: 1) { pageInfo { endCursor hasNextPage } } }`,
    )
    assert.equal(first.listeners.pageInfo.hasNextPage, false)
    assert.equal((await hark.data(query, { after: first.listeners.pageInfo.endCursor })).listeners.totalCount, 0)
    const { extensions } = onlyError(await hark.graphql(query, { after: 'garbage' }))
    assert.equal(extensions.code, 'BAD_USER_INPUT')
  })

  for (const [what, at] of [
    ['empty', {}],
    ['a time and a position', { time: '2026-11-22T18:20:17Z', position: '1' }],
    ['a malformed time', { time: 'yesterday' }],
    ['an object as time', { time: {} }],
    ['a list as time', { time: ['2026-11-23T10:00:00Z'] }],
    ['a day that does not exist', { time: '2026-13-45T00:00:00Z' }],
    ['a malformed position', { position: 'x' }],
  ] as const) {
    test(`reject a moment that is ${what}`, async () => {
      const query = 'query ($at: Moment) { listener(namespace: "west", name: "a", at: $at) { kind } }'
      assert.equal(onlyError(await hark.graphql(query, { at })).extensions.code, 'BAD_USER_INPUT')
    })
  }
})

describe('queries between two moments', () => {
  const DIFF = `query ($from: Moment!, $to: Moment!) {
    routerConfigDiff(namespace: "${namespace}", from: $from, to: $to) {
      from to
      added { type name } removed { type name } changed { type name before after }
    }
  }`
  const diff = async (from: number, to: number) =>
    (
      await hark.data(DIFF, {
        from: { position: taken[from]?.position },
        to: { position: taken[to]?.position },
      })
    ).routerConfigDiff

  test('return the difference of router configurations', async () => {
    const { changed, added, removed } = await diff(0, 2)
    assert.deepEqual([added, removed], [[], []])
    assert.deepEqual(
      changed.map(({ name, before, after }: { name: string; before: object; after: object }) => [name, before, after]),
      [
        [
          'listener/backend',
          { name: 'listener/backend', host: 'backend', port: '8080', address: 'backend', observer: 'auto' },
          { name: 'listener/backend', host: 'backend', port: '9090', address: 'backend', observer: 'auto' },
        ],
      ],
    )
    assert.deepEqual((await diff(2, 4)).removed, [{ type: 'tcpListener', name: 'listener/backend' }])
    assert.deepEqual((await diff(4, 5)).added, [{ type: 'tcpListener', name: 'listener/backend' }])
    const same = await diff(3, 3)
    assert.deepEqual([same.added, same.removed, same.changed, same.from], [[], [], [], same.to])
  })

  test('reject a window that ends before it begins', async () => {
    const answer = await hark.graphql(DIFF, {
      from: { position: taken[2]?.position },
      to: { position: taken[0]?.position },
    })
    assert.match(onlyError(answer).message, /must not be before from/)
  })

  test('return the events of the window, its ends included', async () => {
    const typesBetween = async (from: number, to: number) => {
      const window = { from: { position: taken[from]?.position }, to: { time: taken[to]?.time } }
      const { events } = await hark.data(
        'query ($from: Moment, $to: Moment) { events(from: $from, to: $to) { edges { node { type } } } }',
        window,
      )
      return events.edges.map(({ node }: { node: { type: string } }) => node.type)
    }
    assert.deepEqual(await typesBetween(0, 2), ['ListenerCreated', 'ConnectorCreated', 'PortUpdated'])
    assert.deepEqual(await typesBetween(4, 5), ['ListenerDeleted', 'ListenerCreated'])
  })
})

describe('conditionTimeline', () => {
  const TIMELINE = `query ($at: Moment, $from: Moment, $to: Moment) {
    listener(namespace: "${namespace}", name: "${name}", at: $at) {
      conditionTimeline(type: Matched, from: $from, to: $to) {
        type from to fractionTrue fractionUnknown transitions
        intervals { status reason message from to position }
      }
    }
  }`
  const timeline = async (variables: object) =>
    (await hark.data(TIMELINE, variables)).listener.conditionTimeline as {
      from: string
      to: string
      fractionTrue: number
      fractionUnknown: number
      transitions: number
      intervals: { status: string; reason: string; from: string; to: string | null; position: string }[]
    }

  test('covers deletion and creation without a gap', async () => {
    const whole = await timeline({ from: { time: taken[0]?.time } })
    const steps = whole.intervals.map(({ status, reason }) => `${status} ${reason}`)
    // Steps within one millisecond leave no trace; what follows is the most that there can be, in its order.
    const most = ['False Pending', 'True Ready', 'False Pending', 'Unknown NotFound', 'False Pending']
    let at = 0
    for (const step of steps) {
      at = most.indexOf(step, at)
      assert.notEqual(at, -1, `${steps}`)
      at += 1
    }
    assert.equal(steps.at(-1), 'False Pending')
    assert.equal(whole.intervals.at(-1)?.to, null)
    whole.intervals.forEach(({ from }, index) => {
      assert.equal(from, index === 0 ? whole.from : whole.intervals[index - 1]?.to)
    })
    assert.equal(whole.fractionUnknown, 0)
  })

  test('begins with the creation and ends at the moment of the query', async () => {
    const now = await timeline({})
    assert.deepEqual(
      now.intervals.map(({ status }) => status),
      ['False'],
    )
    const { position, time } = taken[2] as Taken
    const then = await timeline({ at: { position } })
    assert.equal(then.from, (taken[0] as Taken).time)
    assert.equal(then.to, time)
  })

  test('rejects a window that ends before it begins', async () => {
    const variables = { from: { time: '2026-01-02T00:00:00Z' }, to: { time: '2026-01-01T00:00:00Z' } }
    assert.match(onlyError(await hark.graphql(TIMELINE, variables)).message, /must not be before from/)
  })
})

test('a page of the past has matching connectors only if they are selected', async t => {
  const { read } = hark.engine
  const { past } = read
  const wholes: boolean[] = []
  t.mock.method(read, 'past', async (...at: Parameters<typeof past>) => {
    const view = await past(...at)
    const resources = async (...request: Parameters<typeof view.resources>) => {
      const page = await view.resources(...request)
      wholes.push(...page.rows.map(({ row }) => 'matchingConnectors' in row))
      return page
    }
    return { ...view, resources }
  })
  const ask = async (fields: string, fragment = ''): Promise<unknown> => {
    const query = `query ($at: Moment) { listeners(at: $at) { edges { node { ${fields} } } } } ${fragment}`
    const { listeners } = await hark.data(query, { at: { position: taken[1]?.position } })
    return listeners.edges[0].node
  }
  const connected = { matchingConnectors: [{ name: 'backend' }] }
  assert.deepEqual(await ask('spec { port }'), { spec: { port: 8080 } })
  assert.deepEqual(await ask('matchingConnectors { name }'), connected)
  assert.deepEqual(
    await ask('...on Node { ...Some }', 'fragment Some on Listener { matchingConnectors { name } }'),
    connected,
  )
  assert.deepEqual(wholes, [false, true, true])
})
