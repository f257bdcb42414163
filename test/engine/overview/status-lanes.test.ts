import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { conditionsOf } from '../../../projections/shared/evaluate-conditions.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import type { Lane, LanesRequest, MarkColumns, SegmentColumns } from '../../../src/engine/overview/types.ts'
import { NO_STREAM } from '../../../src/event-store/event-store.ts'
import {
  createConnector,
  createListener,
  deleteListener,
  updatePort,
  updateRoutingKey,
} from '../../support/commands.ts'
import { listenerCreated, listenerDeleted } from '../../support/domain/event-builders.ts'
import {
  listenerAccepted,
  listenerFailedToOpen,
  listenerOpened,
  routerAttached,
  routerConnected,
  routerLost,
} from '../../support/projections/router-facts.ts'
import { TestEngine, until } from '../../support/test-engine.ts'

const EVERY: LanesRequest = { orderBy: 'Name', resolution: 1000, first: 100 }

let test: TestEngine

const listenerOf = (name: string) => ({
  namespace: 'west',
  name,
  uid: test.engine.read.resource('Listener', 'west', name)?.uid ?? '',
})

const seen = (routingKey: string) =>
  ({ type: 'ConnectorSeen', data: { namespace: 'west', identity: routingKey, routingKey } }) as const

const nameOf = ({ kind, namespace, name }: Lane): string => `${kind} ${namespace}/${name}`

/** So that it was not Ready for a time. */
const deleteAfterAMillisecond = async (name: string): Promise<void> => {
  const createdBy = Date.now()
  await until(() => Date.now() > createdBy)
  await test.run(deleteListener(name))
}

before(async () => {
  test = await TestEngine.start()
  await test.run(createListener('gone'))
  await deleteAfterAMillisecond('gone')
  await test.run(createListener('a', { routingKey: 'a' }))
  await test.run(createListener('b', { routingKey: 'b' }))
  await test.run(createConnector('a', { routingKey: 'a' }))
  await test.routerReports(routerAttached(), routerConnected(), seen('a'))
  await test.routerReports(listenerAccepted(1, listenerOf('a')), listenerOpened(1, listenerOf('a')))
  await test.run(updatePort('a', 9090))
  await test.routerReports(listenerFailedToOpen('Address already in use', 2, listenerOf('a')))
  await test.routerReports(routerLost())
})
after(() => test[Symbol.asyncDispose]())

const lanes = (request: Partial<LanesRequest> = {}) => test.engine.read.lanes({ ...EVERY, ...request })
const names = async (request: Partial<LanesRequest>) => (await lanes(request)).lanes.map(nameOf)

describe('read.lanes', () => {
  it('lists listeners, connectors and routers that existed in the window', async () => {
    const all = ['Listener west/a', 'Listener west/b', 'Listener west/gone', 'Connector west/a', 'Router west/west']
    assert.deepEqual(await names({}), all)
    const { position } = await test.run(createListener('late'))
    assert.deepEqual(await names({ to: { position: position - 1 } }), all)
    assert.deepEqual(await names({ from: { position: position + 1 } }), [
      'Listener west/a',
      'Listener west/b',
      'Listener west/late',
      'Connector west/a',
      'Router west/west',
    ])
    await deleteAfterAMillisecond('late')
  })

  it('lists a listener that existed for less than a millisecond', async () => {
    await using brief = await TestEngine.start()
    // Events of one append have one time.
    const events = [listenerCreated(), listenerDeleted()].map(event => ({
      id: randomUUID(),
      ...event,
      metadata: { schemaVersion: schemaVersion(event.type), actor: 'alice', correlationId: randomUUID() },
    }))
    const { position } = await brief.store.append('listener-west.backend', NO_STREAM, events)
    await until(() => brief.engine.read.head().position >= position)
    const { lanes: listed } = await brief.engine.read.lanes(EVERY)
    assert.deepEqual(listed.map(nameOf), ['Listener west/backend'])
    assert.equal(listed[0]?.status, undefined)
    assert.deepEqual((await brief.engine.read.lanes({ ...EVERY, namespaces: ['east'] })).lanes, [])
    const { lanes: before } = await brief.engine.read.lanes({ ...EVERY, to: { position: position - 1 } })
    assert.notEqual(before[0]?.status, undefined)
  })

  it('filters by namespace, kind, name, status and time not Ready', async () => {
    assert.deepEqual(await names({ namespaces: ['east'] }), [])
    assert.deepEqual(await names({ kinds: ['Router', 'Connector'] }), ['Connector west/a', 'Router west/west'])
    assert.deepEqual(await names({ name: '^[ab]$', kinds: ['Listener'] }), ['Listener west/a', 'Listener west/b'])
    assert.deepEqual(await names({ statuses: ['Unknown'] }), [
      'Listener west/a',
      'Listener west/b',
      'Connector west/a',
      'Router west/west',
    ])
    assert.deepEqual(await names({ statuses: ['Ready'] }), [])
    assert.deepEqual(await names({ notReadyInWindow: false, kinds: ['Listener'], name: '^[ab]$' }), [])
  })

  it('sorts by time not Ready, and continues after a cursor', async () => {
    const to = { position: test.engine.read.head().position }
    const { lanes: sorted, totalCount } = await lanes({ orderBy: 'NotReady', to })
    const times = sorted.map(({ notReady }) => notReady)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    )
    for (const orderBy of ['Name', 'NotReady'] as const) {
      const whole = (await lanes({ orderBy, to })).lanes
      const paged: Lane[] = []
      for (let after: string | undefined; ; after = paged.at(-1)?.cursor) {
        const page = await lanes({ orderBy, to, first: 2, after })
        paged.push(...page.lanes)
        assert.equal(page.totalCount, totalCount)
        if (!page.hasNextPage) break
      }
      assert.deepEqual(paged.map(nameOf), whole.map(nameOf))
    }
  })

  it('shows the status at the end, its message and the events that changed it', async () => {
    const [lane] = (await lanes({ kinds: ['Listener'], name: '^a$' })).lanes
    assert.ok(lane !== undefined)
    assert.equal(lane.status, 'Unknown')
    const segments: SegmentColumns = JSON.parse(lane.segments.text)
    const marks: MarkColumns = JSON.parse(lane.marks.text)
    const to = test.engine.read.head().position
    assert.equal(segments.status.at(-1), 'U')
    assert.match(segments.messages[segments.message.at(-1) as number] ?? '', /connection refused/)
    assert.equal(
      marks.count.reduce((sum, count) => sum + count),
      (await test.engine.read.changes({ namespace: 'west', listener: 'a' }, { first: 100, after: 0, to })).changes
        .length,
    )
    assert.equal(marks.types[marks.type[0] as number], 'ListenerCreated')
  })

  it('agrees with the timelines of the conditions at the end of the window', async () => {
    for (const lane of (await lanes({ kinds: ['Listener'], name: '^[ab]$' })).lanes) {
      const row = test.engine.read.resource('Listener', 'west', lane.name)
      const conditions = await lane.conditions()
      assert.equal(await lane.port(), row!.spec.port)
      for (const { type, reason } of conditionsOf(row!.conditions)) {
        const letter = { Ready: 'R', Pending: 'P', Error: 'E', RouterUnreachable: 'U' }[reason]
        const { segments } = conditions.find(condition => condition.type === type)!
        assert.equal(JSON.parse(segments.text).status.at(-1), letter)
      }
    }
  })

  it('is the same after a restart, a crash and the deletion of the read models', async () => {
    const to = { position: test.engine.read.head().position }
    const drawn = async (of: TestEngine) => {
      const { lanes } = await of.engine.read.lanes({ ...EVERY, to })
      return Promise.all(lanes.map(async ({ conditions: _, port, ...lane }) => ({ ...lane, port: await port() })))
    }
    const expected = await drawn(test)
    await test.restart()
    assert.deepEqual(await drawn(test), expected)
    await using crashed = await test.crashed()
    assert.deepEqual(await drawn(crashed), expected)
    await test.stop()
    test.forgetReadModels()
    await test.startAgain()
    assert.deepEqual(await drawn(test), expected)
  })

  it('rejects a regular expression that is too long or has no linear time, and a foreign cursor', async () => {
    for (const request of [{ name: '(?=a)' }, { name: '[' }, { name: 'a'.repeat(201) }, { after: 'x' }])
      await assert.rejects(lanes(request), { code: 'BAD_USER_INPUT' })
  })

  it('rejects a cursor of another order, and keeps the end of the window in cursors', async () => {
    for (const [orderBy, other] of [
      ['Name', 'NotReady'],
      ['NotReady', 'Name'],
    ] as const) {
      const { lanes: first, to } = await lanes({ orderBy, first: 1 })
      const after = first[0]?.cursor
      await assert.rejects(lanes({ orderBy: other, after }), { code: 'BAD_USER_INPUT' })
      assert.equal((await lanes({ orderBy, after })).to, to)
    }
  })

  it('matches a name in linear time', async () => {
    assert.deepEqual(await names({ name: '(a+)+$', kinds: ['Listener'] }), ['Listener west/a'])
  })
})

describe('read.bisect', () => {
  const bisect = (request: object = {}) =>
    test.engine.read.bisect({
      kind: 'Listener',
      namespace: 'west',
      name: 'a',
      type: 'Ready',
      latest: false,
      ...request,
    })
  const eventAt = async (position: number | undefined) => {
    if (position === undefined) return undefined
    return (await test.engine.read.events({}, { first: 1, after: position - 1 })).events[0]?.type
  }

  it('finds the event at which a listener ceased to be Ready, and the failure after it', async () => {
    const found = await bisect()
    assert.ok(found.outcome === 'found')
    assert.deepEqual(
      [await eventAt(found.position), await eventAt(found.failure)],
      ['PortUpdated', 'ListenerFailedToOpen'],
    )
    assert.equal(
      (await test.engine.read.lastCommand('Listener', 'west', 'a', found.failure!))?.position,
      found.position,
    )
  })

  it('finds the creation of a listener that never was Ready', async () => {
    const found = await bisect({ name: 'b' })
    assert.ok(found.outcome === 'found')
    assert.equal(await eventAt(found.position), 'ListenerCreated')
    assert.equal(found.failure, undefined)
  })

  it('distinguishes a condition that was not True before from one that stayed True', async () => {
    const found = await bisect()
    assert.ok(found.outcome === 'found')
    assert.equal((await bisect({ from: { position: found.position + 1 } })).outcome, 'before')
    assert.equal((await bisect({ from: { position: found.position } })).outcome, 'found')
    assert.equal((await bisect({ name: 'none' })).outcome, 'never')
  })

  it('finds the latest event if wanted', async () => {
    await test.routerReports(
      routerConnected(),
      listenerAccepted(2, listenerOf('a')),
      listenerOpened(2, listenerOf('a')),
    )
    await test.run(updateRoutingKey('a', 'other'))
    const [first, latest] = [await bisect(), await bisect({ latest: true })]
    assert.ok(first.outcome === 'found' && latest.outcome === 'found')
    assert.equal(await eventAt(first.position), 'PortUpdated')
    assert.equal(await eventAt(latest.position), 'RoutingKeyUpdated')
  })
})
