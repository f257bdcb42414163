import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { Table } from '../../../projections/kit/table.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { EntityReconciler } from '../../../src/controller/entities/reconciler.ts'
import type { Lease } from '../../../src/controller/lease/lease.ts'
import { EndpointIndex } from '../../../src/controller/reports/endpoint-index.ts'
import { createControllerServices } from '../../../src/controller/services.ts'
import { WatchedRouters } from '../../../src/engine/history/watched-routers.ts'
import { ChangeFeed, type Reading } from '../../../src/engine/subscriptions/change-feed.ts'
import type { Batch, EventStore, SubscribeOptions } from '../../../src/event-store/event-store.ts'
import { LogDigest } from '../../../src/integrity/checkpoints/log-digest.ts'
import { VanflowNetwork } from '../../../src/router/vanflow/network.ts'
import { all } from '../../contract/event-store/events.ts'
import { freePort } from '../../contract/router/fixtures.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener } from '../../support/commands.ts'
import { eventually } from '../../support/eventually.ts'
import { isReady, RouterTestbed } from '../../support/router-testbed.ts'
import { overEvents, type Result, type TestSubscription } from '../../support/subscription-client.ts'
import { ALICE, TestEngine, until } from '../../support/test-engine.ts'

const FAULT = 'a fault that was injected'

/** Makes a method throw once, when `when` holds for its arguments. Returns whether it did. */
const failOnce = <Of extends object>(
  { mock }: TestContext,
  object: Of,
  method: keyof Of & string,
  when: (...args: never[]) => boolean = () => true,
): (() => boolean) => {
  const original = object[method] as (...args: unknown[]) => unknown
  let hasFailed = false
  mock.method(
    object as never,
    method as never,
    function (this: unknown, ...args: unknown[]) {
      if (!hasFailed && when(...(args as never[]))) {
        hasFailed = true
        throw new Error(FAULT)
      }
      return original.apply(this, args)
    } as never,
  )
  return () => hasFailed
}

const SUBSCRIPTIONS = {
  listener: 'listener(namespace: "west", name: "known") { position }',
  listeners: 'listeners { position }',
  'listeners of a namespace': 'listeners(namespace: "west") { position }',
  hasMatchingConnector: 'hasMatchingConnector(namespace: "west", name: "known") { position }',
  ready: 'ready(namespace: "west", name: "known") { position }',
  routerConfig: 'routerConfig(namespace: "west") { position }',
  events: 'events(namespace: "west") { position }',
} as const

/** Returns the results of a subscription up to the first that matches, or its end. */
const resultsUntil = async (live: TestSubscription, holds: (result: Result) => boolean): Promise<Result[]> => {
  const results: Result[] = []
  for (let result = await live.next(); result !== undefined; result = await live.next()) {
    results.push(result)
    if (holds(result)) break
  }
  return results
}

/** After any failure, commands, subscriptions and the router work. */
const mustGoOn = async (testbed: RouterTestbed, name: string): Promise<void> => {
  const live = await overEvents(
    testbed.url,
    'subscription { events(namespace: "west", types: ["ListenerCreated"]) { data } }',
  )
  const received = resultsUntil(live, ({ data }) => data?.events.data.name === name)
  await testbed.createConnector(name)
  const created = await testbed.createListener(name, { port: await freePort() })
  assert.equal(created.errors, undefined)
  assert.equal((await received).at(-1)?.data?.events.data.name, name)
  live.disconnect()
  await eventually(async () => isReady(await testbed.listener(name)))
}

describe('an observer that throws', () => {
  it('ends its own subscription with an error and no other', async t => {
    await using testbed = await RouterTestbed.start()
    await testbed.createListener('known', { port: await freePort() })
    await eventually(() => testbed.entityNames(testbed.west, 'tcpListener').includes('listener/known'))
    let fails = false
    const read = ChangeFeed.prototype.read
    t.mock.method(ChangeFeed.prototype, 'read', function (
      this: ChangeFeed,
      reading: Reading<unknown>,
      signal: AbortSignal,
    ) {
      if (!fails) return read.call(this, reading, signal)
      const next = () => {
        throw new Error(FAULT)
      }
      // Readers of one channel fail together, so each reads its own.
      return read.call(this, { ...reading, name: `${reading.name}, failing`, next }, signal)
    } as never)
    const victims: [string, TestSubscription][] = []
    for (const [kind, field] of Object.entries(SUBSCRIPTIONS)) {
      fails = true
      victims.push([kind, await overEvents(testbed.url, `subscription { ${field} }`)])
      fails = false
    }
    const others = await Promise.all(
      Object.values(SUBSCRIPTIONS).map(field => overEvents(testbed.url, `subscription { ${field} }`)),
    )
    const ended = victims.map(([kind, live]) =>
      resultsUntil(live, () => false).then(results => [kind, results.at(-1)?.errors?.[0]?.extensions.code]),
    )
    await testbed.createConnector('known')
    await testbed.createListener('other', { port: await freePort() })
    assert.deepEqual(
      await Promise.all(ended),
      Object.keys(SUBSCRIPTIONS).map(kind => [kind, 'INTERNAL_SERVER_ERROR']),
    )
    await mustGoOn(testbed, 'after')
    for (const other of others) {
      const first = await other.next()
      assert.equal(first?.errors, undefined)
      other.disconnect()
    }
  })

  it('restarts the controller if it is the site state', async t => {
    await using testbed = await RouterTestbed.start()
    const hasFailed = failOnce(t, EntityReconciler.prototype, 'reconcile', entities => [...entities].length > 0)
    await testbed.createListener('lost', { port: await freePort() })
    assert.equal(hasFailed(), true)
    await mustGoOn(testbed, 'after')
    assert.deepEqual(testbed.entityNames(testbed.west, 'tcpListener'), ['listener/after', 'listener/lost'])
  })

  it('restarts the controller if it is the network view', async t => {
    await using testbed = await RouterTestbed.start()
    const hasFailed = failOnce(t, EndpointIndex.prototype, 'reindex')
    await testbed.createConnector('lost')
    await eventually(hasFailed)
    await mustGoOn(testbed, 'after')
  })

  it('restarts the controller if it is a periodic task', async t => {
    await using testbed = await RouterTestbed.start()
    const hasFailed = failOnce(t, VanflowNetwork.prototype, 'tick')
    await eventually(hasFailed)
    await mustGoOn(testbed, 'after')
  })

  it('restarts the checkpoint signer', async t => {
    await using testbed = await RouterTestbed.start()
    const hasFailed = failOnce(t, LogDigest.prototype, 'add')
    await mustGoOn(testbed, 'after')
    await eventually(hasFailed)
    await eventually(async () => /^hark_signing 1$/m.test(await (await fetch(`${testbed.url}/metrics`)).text()))
  })

  it('restarts the reservation sweeper', async t => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.stop()
    const errors: unknown[] = []
    const hasFailed = failOnce(t, Table.prototype, 'rows')
    await test.startAgain({ logger: { ...silentLogger, error: (...args: unknown[]) => void errors.push(args) } })
    assert.equal(hasFailed(), true)
    assert.equal(errors.length, 1)
    await test.run(createListener('b'))
  })

  it('makes the causation tracker read causes from the log', async () => {
    await using test = await TestEngine.start()
    const engine = await test.startAnother(store => withoutCorrelation(store, 'listener-west.b'))
    const watched = new WatchedRouters(undefined)
    const services = createControllerServices({ store: test.store, readModels: engine.readModels, watched })
    await test.run(createListener('a'))
    const { row } = await test.run(createListener('b'))
    await test.run(createListener('c'))
    await until(() => engine.read.resource('Listener', 'west', 'c') !== undefined)
    const created = (await test.stream('listener-west.b')).at(-1)
    const lease = { isValid: () => true } as Lease
    const journal = await services.openEventWriter('west', lease)
    const data = { namespace: 'west', name: 'b', uid: row?.uid ?? '', generation: 1 }
    await journal.write([{ type: 'ListenerAccepted', data }], new AbortController().signal)
    const [reported] = (await all(test.store.readStream('router-west'))).slice(-1)
    assert.equal(reported?.metadata.causationId, created?.id)
    assert.equal(reported?.metadata.correlationId, ALICE.correlationId)
  })
})

/** A store whose subscriptions deliver events of one stream with a correlationId that throws. */
const withoutCorrelation = (store: EventStore, stream: string): EventStore => {
  const faulty = (event: RecordedEvent): RecordedEvent => {
    if (event.stream !== stream) return event
    const metadata = Object.defineProperty({ ...event.metadata }, 'correlationId', {
      get: () => {
        throw new Error(FAULT)
      },
    })
    return { ...event, metadata }
  }
  return new Proxy(store, {
    get: (target, property) => {
      if (property !== 'subscribe') {
        const value = Reflect.get(target, property) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      }
      return async function* (options: SubscribeOptions): AsyncIterable<Batch> {
        for await (const batch of target.subscribe(options)) yield { ...batch, events: batch.events.map(faulty) }
      }
    },
  })
}
