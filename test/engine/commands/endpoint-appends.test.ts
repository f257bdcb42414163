import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createEngine } from '../../../src/engine/create-engine.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import type { EventStore } from '../../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { chainedStore } from '../../../src/integrity/hash-chain/hash-chained-store.ts'
import { all, event, upTo } from '../../contract/event-store/events.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, updateHost, updatePort } from '../../support/commands.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { ALICE } from '../../support/test-engine.ts'

/** An engine on a store that appends to several streams at once. */
const onEngine = async (body: (engine: Engine, store: EventStore) => Promise<void>): Promise<void> => {
  await using folder = await scratchFolder()
  const store = chainedStore(openSqliteEventStore({ file: join(folder.path, 'events.db') }))
  const engine = createEngine({ store, readModelFile: join(folder.path, 'read-models.db'), logger: silentLogger })
  try {
    await engine.whenReady()
    await body(engine, store)
  } finally {
    await engine.close()
    await store.close()
  }
}

const story = async (store: EventStore): Promise<string[]> =>
  (await all(store.readAll())).map(({ type, stream }) => `${type} ${stream}`)

describe('a reservation and its append in one commit', () => {
  it('follow each other in the log', () =>
    onEngine(async (engine, store) => {
      await Promise.all(upTo(3).map(n => engine.execute(createListener(`l${n}`, { host: `h${n}` }), { caller: ALICE })))
      await engine.execute(updatePort('l1', 9090), { caller: ALICE })
      assert.deepEqual(await story(store), [
        ...upTo(3).flatMap(n => [`EndpointReserved endpoint-west.h${n}:8080`, `ListenerCreated listener-west.l${n}`]),
        'EndpointReserved endpoint-west.h1:9090',
        'PortUpdated listener-west.l1',
      ])
    }))

  it('leave no trace of a listener whose endpoint another one has', () =>
    onEngine(async (engine, store) => {
      const outcomes = await Promise.allSettled(
        upTo(24).map(n => engine.execute(createListener(`l${n}`, { host: 'shop' }), { caller: ALICE })),
      )
      const rejected = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
      assert.deepEqual(rejected, Array(23).fill('ALREADY_EXISTS'))
      assert.deepEqual(await story(store), [
        'EndpointReserved endpoint-west.shop:8080',
        'ListenerCreated listener-west.l0',
      ])
    }))

  it('are decided again if another writer changed the listener', () =>
    onEngine(async (engine, store) => {
      const { uid } = await engine.execute(createListener('a', { host: 'first' }), { caller: ALICE })
      const data = { name: 'a', namespace: 'west', uid, generation: 2, routingKey: 'other', previous: 'backend' }
      const [, { row }] = await Promise.all([
        store.append('listener-west.a', 0, [{ ...event(data), type: 'RoutingKeyUpdated' }]),
        engine.execute(updateHost('a', 'second'), { caller: ALICE }),
      ])
      assert.deepEqual([row?.spec.host, row?.spec.routingKey, row?.generation], ['second', 'other', 3])
    }))

  it('take an endpoint that another listener has left', () =>
    onEngine(async (engine, store) => {
      await engine.execute(createListener('a', { host: 'shop' }), { caller: ALICE })
      await engine.execute(updateHost('a', 'elsewhere'), { caller: ALICE })
      const { row } = await engine.execute(createListener('b', { host: 'shop' }), { caller: ALICE })
      assert.equal(row?.spec.host, 'shop')
      assert.deepEqual((await story(store)).slice(-2), [
        'EndpointReserved endpoint-west.shop:8080',
        'ListenerCreated listener-west.b',
      ])
    }))
})
