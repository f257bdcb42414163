import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { StatusChangesRequest } from '../../../src/engine/overview/types.ts'
import { decorateStore } from '../../../src/event-store/decorate-store.ts'
import { createConnector, createListener, deleteListener, updatePort } from '../../support/commands.ts'
import {
  listenerAccepted,
  listenerFailedToOpen,
  listenerOpened,
  routerAttached,
  routerConnected,
  routerLost,
} from '../../support/projections/router-facts.ts'
import { TestEngine } from '../../support/test-engine.ts'

const LISTENER = { kind: 'Listener', namespace: 'west', name: 'a' } as const
const ROUTER = { kind: 'Router', namespace: 'west', name: 'west' } as const

const nameOf = (data: unknown): unknown => (data as { readonly name?: unknown }).name

let test: TestEngine

const seen = { type: 'ConnectorSeen', data: { namespace: 'west', identity: 'a', routingKey: 'a' } } as const
const subject = () => ({
  namespace: 'west',
  name: 'a',
  uid: test.engine.read.resource('Listener', 'west', 'a')?.uid ?? '',
})

/** Of the statuses that begin within one millisecond, a lane has the last. */
const nextMillisecond = async (): Promise<void> => {
  const now = Date.now()
  while (Date.now() === now) await new Promise(setImmediate)
}

before(async () => {
  test = await TestEngine.start()
  for (const step of [
    () => test.run(createListener('a', { routingKey: 'a' })),
    () => test.run(createConnector('a', { routingKey: 'a' })),
    () => test.routerReports(routerAttached()),
    () => test.routerReports(routerConnected()),
    () => test.routerReports(seen),
    () => test.routerReports(listenerAccepted(1, subject())),
    () => test.routerReports(listenerOpened(1, subject())),
    () => test.run(updatePort('a', 9090)),
    () => test.routerReports(listenerFailedToOpen('Address already in use', 2, subject())),
    () => test.routerReports(routerLost()),
    () => test.run(deleteListener('a')),
  ]) {
    await step()
    await nextMillisecond()
  }
})
after(() => test[Symbol.asyncDispose]())

const changes = (request: Partial<StatusChangesRequest> = {}) =>
  test.engine.read.statusChanges({ ...LISTENER, first: 100, ...request })

const described = async (request: Partial<StatusChangesRequest> = {}) =>
  Promise.all((await changes(request)).map(async change => [(await change.event())?.type, change.status]))

const EVERY = [
  ['ListenerCreated', 'Pending'],
  ['RouterAttached', 'Unknown'],
  ['RouterConnected', 'Pending'],
  ['ListenerAccepted', 'Ready'],
  ['PortUpdated', 'Pending'],
  ['ListenerFailedToOpen', 'Error'],
  ['RouterLost', 'Unknown'],
  ['ListenerDeleted', undefined],
]

describe('read.statusChanges', () => {
  it('returns each status of a resource with the event with which it began', async () =>
    assert.deepEqual(await described(), EVERY))

  it('returns the first or the last changes', async () => {
    assert.deepEqual(await described({ first: 2 }), EVERY.slice(0, 2))
    assert.deepEqual(await described({ last: 2 }), EVERY.slice(-2))
  })

  it('returns the changes between two positions, both included', async () => {
    const [, , , ready, , error] = await changes()
    const window = { from: { position: ready?.position ?? 0 }, to: { position: error?.position ?? 0 } }
    assert.deepEqual(await described(window), EVERY.slice(3, 6))
    assert.deepEqual(await described({ to: { position: (ready?.position ?? 0) - 1 } }), EVERY.slice(0, 3))
  })

  it('returns the changes of a router, and none of an unknown resource', async () => {
    assert.deepEqual(await described(ROUTER), [
      ['RouterAttached', 'Pending'],
      ['RouterConnected', 'Ready'],
      ['RouterLost', 'Unknown'],
    ])
    assert.deepEqual(await described({ name: 'nothing' }), [])
  })
})

describe('read.statusesBegun', () => {
  it('agrees with the changes of the resource that each event is about', async () => {
    const { events } = await test.engine.read.events({ namespace: 'west' }, { first: 100 })
    const known = new Map<number | undefined, string | undefined>()
    for (const lane of [LISTENER, ROUTER, { ...LISTENER, kind: 'Connector' } as const])
      for (const { position, status } of await changes(lane)) {
        const event = events.find(each => each.position === position)
        const isOther = lane.kind !== 'Router' && /^(Router|ConnectorSeen)/.test(event?.type ?? '')
        if (!isOther) known.set(position, status)
      }
    assert.deepEqual(
      await test.engine.read.statusesBegun(events),
      events.map(({ position }) => known.get(position)),
    )
    assert.ok(known.size >= 8)
  })

  it('waits for the read models if the log is ahead of them', async () => {
    const held = Promise.withResolvers<void>()
    const other = await test.startAnother(store =>
      decorateStore(store, {
        subscribe: async function* (options) {
          for await (const batch of store.subscribe(options)) {
            if (batch.events.some(({ type, data }) => type === 'ListenerCreated' && nameOf(data) === 'late'))
              await held.promise
            yield batch
          }
        },
      }),
    )
    await test.run(createListener('late'))
    const { events } = await other.read.events({ namespace: 'west', name: 'late' }, { first: 1 })
    const begun = other.read.statusesBegun(events)
    begun.catch(() => undefined)
    held.resolve()
    assert.deepEqual(await begun, ['Unknown'])
  })
})
