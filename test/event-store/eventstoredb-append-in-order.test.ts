import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BEGINNING } from '../../schemas/events/recorded-event.ts'
import { AppendedOutOfOrder, StoreUnavailable } from '../../src/event-store/event-store.ts'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { lastPosition } from '../../src/event-store/last-event.ts'
import { all, idsOf, inTurns } from '../contract/event-store/events.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import fc from '../support/fast-check.ts'

const APPENDS = 300

const open = async (stack: AsyncDisposableStack) => {
  const server = stack.use(await new FakeEventStoreDb().start())
  const store = openEventStoreDb({ connectionString: server.connectionString, timeoutMs: 20_000 })
  stack.defer(() => store.close())
  return { server, store }
}

const FAILURES = {
  'the connection is lost': (server: FakeEventStoreDb) => server.cutConnections(),
  'a response is lost': (server: FakeEventStoreDb) => server.loseNextAnswer(),
  'the server ends the call': (server: FakeEventStoreDb) => server.endAppending(),
} as const

const anyFailure = fc.record({
  nth: fc.integer({ min: 1, max: APPENDS }),
  failure: fc.constantFrom(...(Object.keys(FAILURES) as (keyof typeof FAILURES)[])),
})

describe('appendInOrder on EventStoreDB', () => {
  it('keeps the order of all appends, whatever fails', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store } = await open(stack)
    await fc.assert(
      fc.asyncProperty(fc.array(anyFailure, { minLength: 1, maxLength: 4 }), async failures => {
        const prefix = `${crypto.randomUUID()}.`
        const given = inTurns(prefix, APPENDS)
        for (const { nth, failure } of failures) server.beforeRequest(nth, () => FAILURES[failure](server))
        await store.appendInOrder(given.values(), await lastPosition(store))
        assert.deepEqual(idsOf(await all(store.readAll({ prefixes: [prefix] }))), idsOf(given.events))
      }),
      { numRuns: 10 },
    )
  })

  it('sends up to 256 appends before the first response', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store } = await open(stack)
    await store.ping()
    const before = server.requests
    server.pause()
    const arrived = Promise.withResolvers<void>()
    server.beforeRequest(256, arrived.resolve)
    const appending = store.appendInOrder(inTurns('a.', APPENDS).values(), BEGINNING)
    await arrived.promise
    assert.equal(server.requests, before + 256)
    server.resume()
    await appending
    assert.equal(server.requests, before + APPENDS)
  })

  it('rejects if the server executed a later append and not an earlier one', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store } = await open(stack)
    await store.ping()
    server.beforeRequest(100, () => server.setStarting(true))
    server.beforeRequest(101, () => server.setStarting(false))
    await assert.rejects(
      store.appendInOrder(inTurns('a.', APPENDS).values(), BEGINNING),
      (error: unknown) => error instanceof AppendedOutOfOrder,
    )
  })

  it('stops while the server is away, and continues the same order once it is back', async () => {
    await using stack = new AsyncDisposableStack()
    const server = stack.use(await new FakeEventStoreDb().start())
    const store = openEventStoreDb({ connectionString: server.connectionString, timeoutMs: 200 })
    stack.defer(() => store.close())
    const given = inTurns('a.', APPENDS)
    server.beforeRequest(100, () => server.kill())
    await assert.rejects(store.appendInOrder(given.values(), BEGINNING), StoreUnavailable)
    await server.start()
    const again = openEventStoreDb({ connectionString: server.connectionString, timeoutMs: 20_000 })
    stack.defer(() => again.close())
    await again.appendInOrder(given.values(), BEGINNING)
    assert.deepEqual(idsOf(await all(again.readAll({ prefixes: ['a.'] }))), idsOf(given.events))
  })
})
