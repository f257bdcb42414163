import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { bearer, credentials } from '../../support/credentials.ts'
import { overEvents } from '../../support/subscription-client.ts'
import { TestServer } from '../../support/test-server.ts'

const given = await credentials()
const CHECKPOINT = { position: 42, events: 41, time: '2026-11-22T18:20:17.552Z', keyId: '0123456789abcdef' }
const hark = await TestServer.start({
  server: { authenticator: given.authenticator, lastCheckpoint: async () => CHECKPOINT },
})
after(async () => {
  await hark[Symbol.asyncDispose]()
  given.dispose()
})
const ADMIN = bearer(given.make('root', 'admin'))
const WEST = bearer(given.make('westerner', 'viewer:west'))

const answer = async (document: string, headers: Record<string, string> = ADMIN, variables: object = {}) => {
  const { data, errors } = await hark.graphql(document, variables, headers)
  assert.equal(errors, undefined, JSON.stringify(errors))
  return data
}

const codeOf = async (document: string, headers: Record<string, string> = ADMIN) =>
  (await hark.graphql(document, {}, headers)).errors?.[0]?.extensions.code

const create = async (kind: 'Listener' | 'Connector', namespace: string, name: string, routingKey: string) => {
  const spec = `spec: { routingKey: "${routingKey}", host: "${name}", port: 80 }`
  const input = `{ namespace: "${namespace}", name: "${name}", ${spec} }`
  return (await answer(`mutation { done: create${kind}(input: ${input}) { position } }`)).done.position as string
}

const applySite = (namespace: string) =>
  answer('mutation Apply($input: ApplyInput!) { apply(input: $input) { results { position } } }', ADMIN, {
    input: {
      manifests: [{ apiVersion: 'skupper.io/v2alpha1', kind: 'Site', metadata: { name: namespace, namespace } }],
    },
  })

const firstListener = await create('Listener', 'west', 'backend', 'backend')
await create('Connector', 'west', 'backend', 'other')
await create('Listener', 'east', 'secret', 'secret')
await applySite('east')
await answer('mutation { deleteListener(input: { namespace: "east", name: "secret" }) { position } }')

describe('viewer', () => {
  test('lists roles, and permissions with their namespaces', async () => {
    const document = '{ viewer { name roles requiresToken permissions { permission namespaces } } }'
    assert.deepEqual((await answer(document, bearer(given.make('mixed', 'operator:west,east')))).viewer, {
      name: 'mixed',
      roles: ['operator:west,east'],
      requiresToken: true,
      permissions: [
        { permission: 'read', namespaces: ['east', 'west'] },
        { permission: 'change', namespaces: ['east', 'west'] },
      ],
    })
    const { viewer } = await answer('{ viewer { permissions { permission namespaces } } }')
    assert.deepEqual(
      viewer.permissions,
      ['read', 'change', 'audit'].map(permission => ({ permission, namespaces: null })),
    )
  })
})

describe('namespaces', () => {
  test('lists those that the caller may read, with deleted resources too', async () => {
    assert.deepEqual((await answer('{ namespaces }')).namespaces, ['east', 'west'])
    assert.deepEqual((await answer('{ namespaces }', WEST)).namespaces, ['west'])
  })
})

describe('record', () => {
  test('shows the last checkpoint to those who may audit everything', async () => {
    const document = '{ record { isSigning signedAt lastCheckpoint { position time events keyId } } }'
    assert.deepEqual((await answer(document)).record, {
      isSigning: false,
      signedAt: null,
      lastCheckpoint: { ...CHECKPOINT, position: '0000000000000042' },
    })
    assert.equal(await codeOf(document, WEST), 'FORBIDDEN')
  })
})

describe('statusChanges', () => {
  const document = `{ statusChanges(kind: Listener, namespace: "east", name: "secret") { status message event { type } } }`

  test('lists the statuses of a resource, and its deletion, with their events', async () => {
    const { statusChanges } = await answer(document)
    assert.deepEqual(
      statusChanges.map(({ status, event }: { status: string; event: { type: string } }) => [status, event.type]),
      [
        ['Pending', 'ListenerCreated'],
        [null, 'ListenerDeleted'],
      ],
    )
    assert.equal(await codeOf(document, WEST), 'FORBIDDEN')
  })

  test('are the new statuses of events, which are read together', async () => {
    const { events } = await answer('{ events { edges { node { type newStatus } } } }')
    assert.deepEqual(
      events.edges.map(({ node }: { node: { type: string; newStatus: string } }) => [node.type, node.newStatus]),
      [
        ['ListenerCreated', 'Pending'],
        ['ConnectorCreated', 'Pending'],
        ['ListenerCreated', 'Pending'],
        ['SiteCreated', null],
        ['ListenerDeleted', null],
      ],
    )
  })

  test('are not shown of resources in namespaces that the token may not read', async () => {
    const position = await create('Connector', 'east', 'unreadable', 'backend')
    const document = `{ changes(namespace: "west", from: { position: "${position}" }) {
      edges { node { event { stream newStatus } } }
    } }`
    const { changes } = await answer(document)
    assert.deepEqual(changes.edges, [
      { node: { event: { stream: 'connector-east.unreadable', newStatus: 'Pending' } } },
    ])
    const { data, errors } = await hark.graphql(document, {}, WEST)
    assert.equal(data.changes.edges[0].node.event.newStatus, null)
    assert.equal(errors?.[0]?.extensions.code, 'FORBIDDEN')
  })

  test('rejects a number of changes out of range', async () => {
    for (const size of ['first: 0', 'last: 1001'])
      assert.equal(await codeOf(document.replace('name:', `${size}, name:`)), 'BAD_USER_INPUT')
  })
})

describe('eventDensity', () => {
  const events = async (headers: Record<string, string>, namespace?: string) => {
    const filter = namespace === undefined ? '' : `(namespace: "${namespace}")`
    return (await answer(`{ events${filter} { edges { node { time } } } }`, headers)).events.edges as {
      readonly node: { readonly time: string }
    }[]
  }

  test('counts all events once, and shows the first and the last', async () => {
    const all = await events(ADMIN)
    const document = '{ eventDensity(buckets: 7) { from to counts total firstTime lastTime bucketMilliseconds } }'
    const { eventDensity: density } = await answer(document)
    const { counts } = density as { readonly counts: readonly number[] }
    assert.equal(counts.length, 7)
    assert.equal(density.total, all.length)
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      all.length,
    )
    assert.equal(density.from, all[0]?.node.time)
    assert.deepEqual([density.firstTime, density.lastTime], [all[0]?.node.time, all.at(-1)?.node.time])
    assert.equal(density.bucketMilliseconds, (Date.parse(density.to) - Date.parse(density.from)) / 7)
  })

  test('counts only what the caller may read', async () => {
    const own = await events(WEST, 'west')
    assert.equal((await answer('{ eventDensity { total } }', WEST)).eventDensity.total, own.length)
    assert.equal(await codeOf('{ eventDensity(namespace: "east") { total } }', WEST), 'FORBIDDEN')
  })

  test('rejects windows that end before they begin, and wrong numbers of buckets', async () => {
    const window = 'from: { time: "2026-02-01T00:00:00Z" }, to: { time: "2026-01-01T00:00:00Z" }'
    assert.equal(await codeOf(`{ eventDensity(${window}) { total } }`), 'BAD_USER_INPUT')
    for (const buckets of [0, 2001])
      assert.equal(await codeOf(`{ eventDensity(buckets: ${buckets}) { total } }`), 'BAD_USER_INPUT')
  })

  test('is empty before the first event', async () => {
    const document = '{ eventDensity(to: { time: "2020-01-01T00:00:00Z" }, buckets: 3) { from to counts total } }'
    assert.deepEqual((await answer(document)).eventDensity, {
      from: '2020-01-01T00:00:00.000Z',
      to: '2020-01-01T00:00:00.000Z',
      counts: [0, 0, 0],
      total: 0,
    })
  })
})

describe('statusLanes', () => {
  test('lists and counts only lanes that the caller may read', async () => {
    const lanesFor = async (headers: Record<string, string>) => {
      const { statusLanes } = await answer('{ statusLanes { totalCount edges { node { namespace name } } } }', headers)
      const nodes = statusLanes.edges.map(({ node }: { node: { namespace: string } }) => node.namespace) as string[]
      return { namespaces: [...new Set(nodes)].sort(), isAll: nodes.length === statusLanes.totalCount }
    }
    assert.deepEqual(await lanesFor(ADMIN), { namespaces: ['east', 'west'], isAll: true })
    assert.deepEqual(await lanesFor(WEST), { namespaces: ['west'], isAll: true })
  })
})

describe('events with last and before', () => {
  const page = async (args: string) => {
    const { edges, pageInfo } = (
      await answer(
        `{ events(${args}) { edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      )
    ).events
    return { cursors: edges.map(({ cursor }: { cursor: string }) => cursor) as string[], pageInfo }
  }

  test('pages backwards through the same events, each page oldest first', async () => {
    const { cursors: all } = await page('first: 1000')
    const found: string[] = []
    let before = ''
    for (;;) {
      const { cursors, pageInfo } = await page(`last: 2${before && `, before: "${before}"`}`)
      found.unshift(...cursors)
      assert.deepEqual([pageInfo.startCursor, pageInfo.endCursor], [cursors[0], cursors.at(-1)])
      if (!pageInfo.hasPreviousPage) break
      before = pageInfo.startCursor
    }
    assert.deepEqual(found, all)
  })

  test('respect filters and windows', async () => {
    const args = 'namespace: "west", name: "backend", last: 1'
    const { cursors } = await page(`${args}, from: { position: "${firstListener}" }, before: "${firstListener}"`)
    assert.deepEqual(cursors, [])
    const { cursors: one } = await page(`${args}, to: { position: "${firstListener}" }`)
    assert.deepEqual(one, [firstListener])
    const { cursors: all } = await page('first: 1000')
    const { cursors: later } = await page(`after: "${all[0]}", from: { position: "${all[2]}" }, first: 1000`)
    assert.deepEqual(later, all.slice(2))
  })

  test('reject a page size out of range', async () => {
    assert.equal(await codeOf('{ events(last: 0) { edges { cursor } } }'), 'BAD_USER_INPUT')
  })
})

describe('sites as of a moment', () => {
  test('are those that were declared then', async () => {
    const at = (position: string) =>
      answer(`{ sites(at: { position: "${position}" }) { metadata { name } router { connection } reaches { site } } }`)
    assert.deepEqual((await at(firstListener)).sites, [])
    const { head } = await answer('{ head }')
    assert.deepEqual((await at(head)).sites, [
      { metadata: { name: 'east' }, router: { connection: 'Detached' }, reaches: [] },
    ])
  })
})

describe('subscriptions of connectors and sites', () => {
  test('replay the past and resume after a position', async () => {
    const document =
      'subscription Connectors($from: Moment) { connectors(namespace: "west", from: $from) { position eventType name connector { spec { routingKey } } } }'
    await using live = await overEvents(hark.url, document, { from: { position: '0' } }, ADMIN)
    const first = (await live.next())?.data.connectors
    assert.equal(first.eventType, 'ConnectorCreated')
    assert.deepEqual(first.connector, { spec: { routingKey: 'other' } })
    const created = await create('Connector', 'west', 'second', 'key')
    const second = (await live.next())?.data.connectors
    assert.deepEqual([second.name, second.position], ['second', created])
    await using again = await overEvents(hark.url, document, { from: { position: first.position } }, ADMIN)
    const names = [(await again.next())?.data.connectors.name, (await again.next())?.data.connectors.name]
    assert.deepEqual(names, ['backend', 'second'])
  })

  test('emit existing sites first, then their changes', async () => {
    await using live = await overEvents(
      hark.url,
      'subscription { sites { eventType namespace site { metadata { name } router { connection } } } }',
      {},
      ADMIN,
    )
    const east = { metadata: { name: 'east' }, router: { connection: 'Detached' } }
    assert.deepEqual((await live.next())?.data.sites, { eventType: null, namespace: 'east', site: east })
    await applySite('west')
    const west = { metadata: { name: 'west' }, router: { connection: 'Detached' } }
    assert.deepEqual((await live.next())?.data.sites, { eventType: 'SiteCreated', namespace: 'west', site: west })
  })
})

describe('subscriptions of one namespace', () => {
  test('emit no connectors and sites of others', async () => {
    const from = 'namespace: "west", from: { position: "0" }'
    await create('Connector', 'east', 'hidden', 'hidden')
    await create('Connector', 'west', 'last', 'last')
    await using connectors = await overEvents(
      hark.url,
      `subscription { connectors(${from}) { namespace name } }`,
      {},
      WEST,
    )
    for (let name = ''; name !== 'last'; ) {
      const change = (await connectors.next())?.data.connectors
      assert.equal(change.namespace, 'west')
      name = change.name
    }
    await applySite('west')
    // That of the namespace east was created earlier.
    await using sites = await overEvents(hark.url, `subscription { sites(${from}) { namespace } }`, {}, WEST)
    assert.deepEqual((await sites.next())?.data.sites, { namespace: 'west' })
  })
})

describe('Site.reaches', () => {
  test('lists sites whose connectors a router reports, if the caller may read them', async () => {
    const identity = { namespace: 'west', identity: 'c1', routingKey: 'any' }
    const events = [
      { type: 'RouterAttached', data: { namespace: 'west', url: 'amqp://router' } },
      { type: 'RouterConnected', data: { namespace: 'west', id: 'router' } },
      { type: 'ConnectorSeen', data: { ...identity, site: 'east' } },
      { type: 'ConnectorSeen', data: { ...identity, identity: 'c2', site: 'far' } },
    ]
    const metadata = { schemaVersion: 1, actor: 'agent', correlationId: randomUUID() }
    const { position } = await hark.store.append(
      'router-west',
      -1,
      events.map(event => ({ id: randomUUID(), metadata, ...event })),
    )
    await hark.engine.readModels.reached(position)
    const document = '{ sites(namespace: "west") { reaches { site connectors } } }'
    const far = { site: 'far', connectors: 1 }
    assert.deepEqual((await answer(document)).sites[0].reaches, [{ site: 'east', connectors: 1 }, far])
    assert.deepEqual((await answer(document, WEST)).sites[0].reaches, [far])
    const past = `{ sites(namespace: "west", at: { position: "${position}" }) { router { connection } reaches { site } } }`
    assert.deepEqual((await answer(past, WEST)).sites, [
      { router: { connection: 'Connected' }, reaches: [{ site: 'far' }] },
    ])
  })
})
