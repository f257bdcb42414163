import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EventFilter } from '../../../src/engine/queries/types.ts'
import {
  createConnector,
  createListener,
  deleteListener,
  updatePort,
  updateRoutingKey,
} from '../../support/commands.ts'
import { listenerAccepted, routerAttached } from '../../support/projections/router-facts.ts'
import { TestEngine } from '../../support/test-engine.ts'

const withHistory = async (): Promise<TestEngine> => {
  const test = await TestEngine.start()
  await test.run(createListener('backend'))
  await test.run(createListener('backend-2'))
  await test.run(createConnector('backend'))
  await test.run({ ...createListener('backend'), namespace: 'west-2' })
  await test.run(updatePort('backend', 9090))
  const { uid } = test.engine.read.resource('Listener', 'west', 'backend') ?? {}
  await test.routerReports(routerAttached(), listenerAccepted(2, { uid: uid ?? '' }))
  return test
}

const typesOf = async ({ engine }: TestEngine, filter: EventFilter, first = 100, after?: number): Promise<string[]> =>
  (await engine.read.events(filter, { first, after })).events.map(({ type }) => type)

describe('read.events', () => {
  it('returns events of resources and routers, oldest first, without bookkeeping', async () => {
    await using test = await withHistory()
    assert.deepEqual(await typesOf(test, {}), [
      'ListenerCreated',
      'ListenerCreated',
      'ConnectorCreated',
      'ListenerCreated',
      'PortUpdated',
      'RouterAttached',
      'ListenerAccepted',
    ])
  })

  it('filters by namespace and by name', async () => {
    await using test = await withHistory()
    assert.deepEqual(await typesOf(test, { namespace: 'west' }), [
      'ListenerCreated',
      'ListenerCreated',
      'ConnectorCreated',
      'PortUpdated',
      'RouterAttached',
      'ListenerAccepted',
    ])
    assert.deepEqual(await typesOf(test, { namespace: 'west', name: 'backend' }), [
      'ListenerCreated',
      'ConnectorCreated',
      'PortUpdated',
      'ListenerAccepted',
    ])
    assert.deepEqual(await typesOf(test, { name: 'backend-2' }), ['ListenerCreated'])
    assert.deepEqual(await typesOf(test, { namespace: 'nowhere' }), [])
  })

  it('filters by event type', async () => {
    await using test = await withHistory()
    assert.deepEqual(await typesOf(test, { types: ['PortUpdated', 'RouterAttached'] }), [
      'PortUpdated',
      'RouterAttached',
    ])
    assert.deepEqual(await typesOf(test, { types: [] }), [])
  })

  it('returns pages that continue after a position', async () => {
    await using test = await withHistory()
    const filter = { namespace: 'west' }
    const first = await test.engine.read.events(filter, { first: 4 })
    assert.equal(first.hasNextPage, true)
    const after = first.events.at(-1)?.position
    const second = await test.engine.read.events(filter, { first: 2, after })
    assert.deepEqual(
      second.events.map(({ type }) => type),
      ['RouterAttached', 'ListenerAccepted'],
    )
    assert.equal(second.hasNextPage, false)
  })
})

describe('read.history of a listener', () => {
  const history = async ({ engine }: TestEngine, first: number, after?: number) => {
    const { events, hasNextPage } = await engine.read.history('Listener', 'west', 'backend', { first, after })
    return { types: events.map(({ type }) => type), hasNextPage, last: events.at(-1)?.position }
  }

  it('returns its events and those of earlier listeners of the name', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    await test.run(deleteListener('backend'))
    assert.deepEqual((await history(test, 10)).types, ['ListenerCreated', 'ListenerDeleted'])
    await test.run(createListener('backend'))
    assert.deepEqual((await history(test, 10)).types, ['ListenerCreated', 'ListenerDeleted', 'ListenerCreated'])
  })

  it('returns pages without gaps or duplicates', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    for (let index = 0; index < 20; index += 1) {
      await test.run(updateRoutingKey('backend', `key-${index}`))
      await test.run(createListener(`other-${index}`))
    }
    const whole = await test.stream('listener-west.backend')
    const read: number[] = []
    let after: number | undefined
    for (let isMore = true; isMore; ) {
      const page = await test.engine.read.history('Listener', 'west', 'backend', { first: 4, after })
      read.push(...page.events.map(({ revision }) => revision))
      after = page.events.at(-1)?.position
      isMore = page.hasNextPage
    }
    assert.deepEqual(
      read,
      whole.map(({ revision }) => revision),
    )
  })

  it('returns nothing for an unknown name or after the end', async () => {
    await using test = await TestEngine.start()
    assert.deepEqual((await history(test, 10)).types, [])
    const { position } = await test.run(createListener('backend'))
    assert.deepEqual(await history(test, 10, position), { types: [], hasNextPage: false, last: undefined })
  })
})
