import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { EventType } from '../../schemas/events/events.ts'
import { listenerStream, REFUSALS_STREAM, routerStream } from '../../schemas/events/streams.ts'
import { schemaVersion } from '../../schemas/events/upcast.ts'
import { NO_STREAM } from '../../src/event-store/event-store.ts'
import { bearer, credentials } from '../support/credentials.ts'
import { CREATE_LISTENER, DELETE_LISTENER, listenerInput, UPDATE_PORT } from '../support/operations.ts'
import { TestServer } from '../support/test-server.ts'

const given = await credentials()
const hark = await TestServer.start({ server: { authenticator: given.authenticator } })
after(async () => {
  await hark[Symbol.asyncDispose]()
  given.dispose()
})

const alice = bearer(given.make('alice', 'operator'))
const bob = bearer(given.make('bob', 'viewer'))
const auditor = bearer(given.make('audrey', 'auditor'))

const ENTRY = `position time actor via clientAddress action words result message
  resource { kind namespace name } changes { field before after } refusal { command code asked } eventType`
const REPORT = `query Report(
  $from: Moment, $to: Moment, $actor: String, $namespace: String, $resource: String, $action: [AuditAction!]
  $first: Int = 1000, $after: Position
) {
  auditReport(from: $from, to: $to, actor: $actor, namespace: $namespace, resource: $resource, action: $action) {
    from to position
    entries(first: $first, after: $after) { edges { cursor node { ${ENTRY} } } pageInfo { hasNextPage endCursor } }
    summary {
      entries changes refusals observations
      changesByActor { actor changes } changesByResource { resource { kind namespace name } changes }
      refusalsByActor { actor code refusals } changesByOtherActors changesToOtherResources otherRefusals
    }
    availability { edges { node { namespace name fractionReady fractionUnknown fractionNotObserved transitions } } pageInfo { hasNextPage } }
  }
}`

interface Entry {
  readonly position: string
  readonly time: string
  readonly actor: string
  readonly action: string
  readonly words: string
  readonly result: string
  readonly resource: { readonly kind: string; readonly namespace: string | null; readonly name: string | null }
}

interface Connection {
  readonly edges: readonly { readonly cursor: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

const report = async (variables: object = {}) => {
  const { data, errors } = await hark.graphql(REPORT, variables, auditor)
  assert.equal(errors, undefined)
  return data.auditReport
}
const entries = async (variables: object = {}): Promise<Entry[]> =>
  (await report(variables)).entries.edges.map(({ node }: { node: Entry }) => node)
const summaries = async (variables: object) =>
  (await entries(variables)).map(({ actor, words, resource }) => `${actor} ${words} ${resource.name}`)

/** Reports of a router from a while ago, so that time has passed since. */
const record = async (stream: string, types: readonly (readonly [type: EventType, data: object, time: string])[]) => {
  const by = { actor: 'agent', correlationId: randomUUID() }
  const events = types.map(([type, data, time]) => {
    const metadata = { ...by, schemaVersion: schemaVersion(type) }
    return { id: randomUUID(), type, data, time, metadata }
  })
  await hark.store.append(stream, NO_STREAM, events)
}

const uid = randomUUID()
const old = { namespace: 'past', name: 'old', uid }

before(async () => {
  const spec = {
    routingKey: 'a',
    host: 'a',
    port: 1,
    type: 'tcp',
    exposePodsByName: false,
    settings: { observer: 'auto' },
  }
  const seen = { namespace: 'past', identity: 'x', routingKey: 'a' }
  await record(listenerStream('past', 'old'), [['ListenerCreated', { ...old, spec }, '2026-01-01T00:00:00.000Z']])
  await record(routerStream('past'), [
    ['RouterAttached', { namespace: 'past', url: 'amqp://x' }, '2026-01-01T00:00:01.000Z'],
    ['RouterConnected', { namespace: 'past', id: 'x' }, '2026-01-01T00:00:02.000Z'],
    ['ListenerAccepted', { ...old, generation: 1 }, '2026-01-01T00:00:03.000Z'],
    ['ConnectorSeen', seen, '2026-01-01T00:00:04.000Z'],
    ['RouterLost', { namespace: 'past', reason: 'gone' }, '2026-01-01T00:00:08.000Z'],
  ])
  await hark.store.append(listenerStream('past', 'old'), 0, [
    {
      id: randomUUID(),
      type: 'ListenerDeleted',
      data: old,
      time: '2026-01-01T00:00:10.000Z',
      metadata: { schemaVersion: 1, actor: 'alice', correlationId: randomUUID() },
    },
  ])
  const made = await hark.graphql(CREATE_LISTENER, { input: listenerInput('backend') }, alice)

  assert.equal(made.errors, undefined)
  await hark.graphql(CREATE_LISTENER, { input: listenerInput('other') }, alice)
  await hark.graphql(UPDATE_PORT, { input: { namespace: 'west', name: 'backend', port: 9090 } }, alice)
  await hark.graphql(UPDATE_PORT, { input: { namespace: 'west', name: 'backend', port: 1 } }, bob)
  await hark.graphql(UPDATE_PORT, { input: { namespace: 'east', name: 'none', port: 1 } }, alice)
  await hark.graphql(DELETE_LISTENER, { input: { namespace: 'west', name: 'other' } }, alice)
  await hark.graphql(UPDATE_PORT, { input: { namespace: 'west', name: 'backend', port: 2 } }, bob)
})

describe('auditReport', () => {
  test('lists who changed what, from which address', async () => {
    const [changed] = (await report({ action: ['update'] })).entries.edges
    const { position, time, ...node } = changed.node
    assert.equal(changed.cursor, position)
    assert.ok(Date.parse(time) > 0)
    assert.deepEqual(node, {
      actor: 'alice',
      via: 'graphql',
      clientAddress: '127.0.0.1',
      action: 'update',
      words: 'changed the port',
      result: 'Done',
      message: null,
      resource: { kind: 'Listener', namespace: 'west', name: 'backend' },
      changes: [{ field: 'spec.port', before: 8080, after: 9090 }],
      refusal: null,
      eventType: 'PortUpdated',
    })
  })

  test('lists rejected commands of a namespace', async () => {
    const refused = (await report({ namespace: 'west', action: ['refuse'] })).entries.edges
    assert.deepEqual(
      refused.map(({ node }: { node: Entry }) => [node.actor, node.result]),
      [
        ['bob', 'Refused'],
        ['bob', 'Refused'],
      ],
    )
    assert.deepEqual(refused[0].node.refusal, {
      command: 'updatePort',
      code: 'FORBIDDEN',
      asked: { namespace: 'west', name: 'backend', port: 1 },
    })
    assert.equal(refused[0].node.message, 'bob may not change namespace west')
    assert.deepEqual(await summaries({ namespace: 'east' }), ['alice refused: update port none'])
  })

  test('omits reservations, leases and checkpoints, and lists everything else once', async () => {
    const all: { position: number; type: string }[] = []
    for await (const { position, type } of hark.store.readAll()) all.push({ position, type })
    const audited = all.filter(({ type }) => !/^(EndpointReserved|Lease\w+|CheckpointSigned)$/.test(type))
    assert.deepEqual(
      (await entries()).map(({ position }) => Number(position)),
      audited.map(({ position }) => position),
    )
  })

  test('returns each entry once with any page size while the log grows', async () => {
    const { position, entries: whole } = await report()
    for (const first of [1, 2, 5]) {
      const seen: string[] = []
      for (let cursor: string | null = null; ; ) {
        const page: Connection = (await report({ first, after: cursor, to: { position } })).entries
        seen.push(...page.edges.map(({ cursor }) => cursor))
        await hark.graphql(UPDATE_PORT, { input: { namespace: 'west', name: 'none', port: 1 } }, bob)
        if (!page.pageInfo.hasNextPage) break
        cursor = page.pageInfo.endCursor
      }
      assert.deepEqual(
        seen,
        whole.edges.map((edge: { cursor: string }) => edge.cursor),
      )
    }
  })

  for (const [what, variables, expected] of [
    ['an actor', { actor: 'alice', namespace: 'west', action: ['delete'] }, ['alice deleted other']],
    ['a resource', { resource: 'listener/other', namespace: 'west' }, ['alice created other', 'alice deleted other']],
    ['a name', { resource: 'other' }, ['alice created other', 'alice deleted other']],
    ['another kind', { resource: 'connector/other' }, []],
    ['a router', { resource: 'router/past', action: ['lose'] }, ['agent lost past']],
    [
      'several actions',
      { namespace: 'west', action: ['update', 'delete'] },
      ['alice changed the port backend', 'alice deleted other'],
    ],
    ['an unknown namespace', { namespace: 'nowhere' }, []],
  ] as const) {
    test(`filters by ${what}`, async () => assert.deepEqual(await summaries(variables), expected))
  }

  test('has a window by time or position, its ends included', async () => {
    const all = await entries()
    const refusals = all.filter(({ action }) => action === 'refuse')
    for (const edge of [all[3]!, refusals[0]!, refusals.at(-1)!]) {
      const at = (moment: object) => entries({ from: moment, to: moment })
      const positions = (found: readonly Entry[]) => found.map(({ position }) => position)
      assert.deepEqual(positions(await at({ position: edge.position })), [edge.position])
      const sameTime = all.filter(({ time }) => time === edge.time)
      assert.deepEqual(positions(await at({ time: edge.time })), positions(sameTime))
    }
  })

  test('summarizes its entries', async () => {
    for (const variables of [{}, { namespace: 'west' }, { actor: 'bob' }]) {
      const { summary, entries: all } = await report(variables)
      const nodes: Entry[] = all.edges.map(({ node }: { node: Entry }) => node)
      const count = (result: string) => nodes.filter(node => node.result === result).length
      assert.deepEqual(
        [summary.entries, summary.changes, summary.refusals, summary.observations],
        [nodes.length, count('Done'), count('Refused'), count('Observed')],
      )
      for (const { actor, changes } of summary.changesByActor)
        assert.equal(changes, nodes.filter(node => node.actor === actor && node.result === 'Done').length)
    }
    const { summary } = await report({ namespace: 'west', actor: 'alice' })
    assert.deepEqual(summary.changesByResource, [
      { resource: { kind: 'Listener', namespace: 'west', name: 'backend' }, changes: 2 },
      { resource: { kind: 'Listener', namespace: 'west', name: 'other' }, changes: 2 },
    ])
    const refused = (await report({ namespace: 'west' })).summary.refusalsByActor[0]
    assert.deepEqual([refused.actor, refused.code], ['bob', 'FORBIDDEN'])
  })

  test('reports the availability of each listener as in its timeline', async () => {
    const window = { from: { time: '2026-01-01T00:00:00.000Z' }, to: { time: '2026-01-01T00:00:09.000Z' } }
    const { availability } = await report({ ...window, namespace: 'past' })
    const timeline = `query ($from: Moment, $to: Moment) {
      listener(namespace: "past", name: "old", at: $to) {
        conditionTimeline(type: Ready, from: $from, to: $to) { fractionTrue fractionUnknown transitions }
      }
    }`
    const { data } = await hark.graphql(timeline, window, auditor)
    const { fractionTrue: fractionReady, ...rest } = data.listener.conditionTimeline
    assert.deepEqual(availability.edges, [
      { node: { namespace: 'past', name: 'old', fractionReady, ...rest, fractionNotObserved: 0 } },
    ])
    assert.ok(Math.abs(fractionReady - 4 / 9) < 1e-9)
  })

  test('counts a deleted listener until its deletion', async () => {
    const to = { time: '2026-01-01T01:00:00.000Z' }
    const { availability } = await report({ to, resource: 'listener/old' })
    const [{ node }] = availability.edges
    assert.ok(Math.abs(node.fractionReady - 0.4) < 1e-9)
    assert.ok(Math.abs(node.fractionUnknown - 0.3) < 1e-9)
    const later = await report({ from: to, namespace: 'past' })
    assert.deepEqual(later.availability.edges, [])
  })

  test('pages through the availability of listeners', async () => {
    const names = async (resource?: string) => {
      const document =
        'query ($after: String, $resource: String) { auditReport(resource: $resource) { availability(first: 1, after: $after) { edges { cursor node { name } } pageInfo { hasNextPage endCursor } } } }'
      const found: string[] = []
      for (let cursor: string | null = null; ; ) {
        const { data } = await hark.graphql(document, { after: cursor, resource }, auditor)
        const { edges, pageInfo } = data.auditReport.availability
        found.push(...edges.map(({ node }: { node: { name: string } }) => node.name))
        if (!pageInfo.hasNextPage) return found
        cursor = pageInfo.endCursor
      }
    }
    assert.deepEqual(await names(), ['old', 'backend', 'other'])
    assert.deepEqual(await names('backend'), ['backend'])
    assert.deepEqual(await names('connector/backend'), [])
  })

  for (const [what, variables, path] of [
    ['an unknown kind of resource', { resource: 'connectors/backend' }, 'resource'],
    ['an empty name', { resource: 'listener/' }, 'resource'],
    [
      'a window that ends before it begins',
      { from: { time: '2026-01-02T00:00:00Z' }, to: { time: '2026-01-01T00:00:00Z' } },
      'to',
    ],
    ['a page size over the limit', { first: 1001 }, 'first'],
    ['a malformed time', { from: { time: 'yesterday' } }, 'from.time'],
  ] as const) {
    test(`rejects ${what}`, async () => {
      const { errors = [] } = await hark.graphql(REPORT, variables, auditor)
      assert.ok(errors.length > 0)
      for (const { extensions } of errors)
        assert.deepEqual([extensions.code, extensions.fields?.[0]?.path], ['BAD_USER_INPUT', path])
    })
  }

  test('requires the role auditor, in a namespace or in all', async () => {
    const ask = async (grant: string, namespace?: string) => {
      const token = given.make(`${grant}-${randomUUID()}`, grant)
      return (await hark.graphql(REPORT, { namespace }, bearer(token))).errors?.map(({ extensions }) => extensions.code)
    }
    assert.deepEqual(await ask('viewer'), ['FORBIDDEN'])
    assert.deepEqual(await ask('operator', 'west'), ['FORBIDDEN'])
    assert.deepEqual(await ask('auditor:west'), ['FORBIDDEN'])
    assert.deepEqual(await ask('auditor:west', 'east'), ['FORBIDDEN'])
    assert.equal(await ask('auditor:west', 'west'), undefined)
  })

  test('lists events of a newer Hark', async () => {
    let revision = NO_STREAM
    for await (const event of hark.store.readStream(REFUSALS_STREAM)) revision = event.revision
    const metadata = { schemaVersion: 1, actor: 'eve', correlationId: randomUUID() }
    const event = { id: randomUUID(), type: 'LoginFailed', data: { namespace: 'west' }, metadata }
    await hark.store.append(REFUSALS_STREAM, revision, [event])
    assert.deepEqual(await summaries({ actor: 'eve', namespace: 'west' }), ['eve login failed null'])
  })
})
