import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventStoreDBClient } from '@eventstore/db-client'
import { BEGINNING } from '../../schemas/events/recorded-event.ts'
import { InvalidAppend, NO_STREAM, StoreCorrupted, StoreUnavailable } from '../../src/event-store/event-store.ts'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { all, event, events, eventually, idsOf, revisionsOf } from '../contract/event-store/events.ts'
import { Follower } from '../contract/event-store/follower.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import { eventually as until } from '../support/eventually.ts'

const TIMEOUT_MS = 2_000

const open = async (stack: AsyncDisposableStack, query = 'tls=false', timeoutMs = TIMEOUT_MS) => {
  const server = stack.use(await new FakeEventStoreDb().start())
  const store = openEventStoreDb({
    connectionString: `esdb://127.0.0.1:${server.port}?${query}`,
    timeoutMs,
  })
  stack.defer(() => store.close())
  return { server, store }
}

test('EventStoreDB event store › completes appends that the client forgot', async () => {
  await using stack = new AsyncDisposableStack()
  const [{ server, store }, other] = [await open(stack), await open(stack)]
  await store.append('a', NO_STREAM, [event()])
  await other.store.append('a', NO_STREAM, [event()])
  server.pause()
  const appended = events(2)
  const appending = eventually(() => store.append('a', 0, appended))
  // The client has one table of pending appends for the process, which the failure of one call clears.
  other.server.kill()
  await assert.rejects(other.store.append('a', 0, [event()]), StoreUnavailable)
  server.resume()
  assert.equal((await appending).revision, 2)
  assert.deepEqual(idsOf(await all(store.readStream('a'))).slice(1), idsOf(appended))
})

test('EventStoreDB event store › accepts the response to the first of several attempts', async () => {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await new FakeEventStoreDb().start())
  // An append is sent again after a quarter of it.
  const store = openEventStoreDb({ connectionString: server.connectionString, timeoutMs: 6_000 })
  stack.defer(() => store.close())
  await store.append('a', NO_STREAM, [event()])
  server.pause()
  const before = server.requests
  const appending = store.append('a', 0, [event()])
  await until(() => server.requests === before + 2)
  // The server carries out the first, and drops the second, which repeats an uncommitted append, without a response.
  server.resume()
  assert.equal((await appending).revision, 1)
  assert.equal(server.requests, before + 2)
})

test('EventStoreDB event store › completes large appends after an outage', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, store } = await open(stack)
  await store.append('a', NO_STREAM, [event()])
  server.freeze()
  const text = 'x'.repeat(200_000)
  const appends = Array.from({ length: 100 }, (_, n) => store.append(`large-${n}`, NO_STREAM, [event({ text })]))
  setImmediate(() => server.kill())
  for (const { reason } of (await Promise.allSettled(appends)) as PromiseRejectedResult[]) {
    assert.ok(reason instanceof StoreUnavailable)
  }
  await server.start()
  const appended = [event()]
  await eventually(() => store.append('a', 0, appended))
})

test('EventStoreDB event store › continues appending when the server ends the call without an error', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, store } = await open(stack)
  await store.append('a', NO_STREAM, [event()])
  server.pause()
  const appending = store.append('a', 0, [event()])
  server.endAppending()
  server.resume()
  assert.equal((await appending).revision, 1)
  await store.append('a', 1, [event()])
})

/** A cluster of one, and a store that discovers it. */
const openCluster = async (stack: AsyncDisposableStack) => {
  const server = stack.use(await new FakeEventStoreDb().start())
  const members = `127.0.0.1:${server.port},127.0.0.1:${server.port}`
  const connectionString = `esdb://${members}?tls=false&maxDiscoverAttempts=2&discoveryInterval=10`
  const store = openEventStoreDb({ connectionString, timeoutMs: TIMEOUT_MS })
  stack.defer(() => store.close())
  return { server, store }
}

test('EventStoreDB event store › finds the leader of a cluster after a failed discovery', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, store } = await openCluster(stack)
  await store.append('a', NO_STREAM, [event()])
  await using follower = new Follower(store, 'a', BEGINNING)
  await follower.untilLive()
  server.kill()
  await follower.until(() => follower.last?.live === false)
  // An append without a response may be carried out later.
  const appended = [event()]
  await assert.rejects(store.append('a', 0, appended), StoreUnavailable)
  await server.start()
  await eventually(() => store.append('a', 0, appended))
  await follower.untilEvents(2)
})

test('EventStoreDB event store › rejects calls while discovery fails and recovers', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, store } = await openCluster(stack)
  await using follower = new Follower(store, 'a', BEGINNING)
  await follower.untilLive()
  // The client reconnects on "not ready", and keeps the old connection for the subscription.
  server.setStarting(true)
  await assert.rejects(store.ping(), StoreUnavailable)
  const pinging = store.ping()
  server.kill()
  await assert.rejects(pinging, StoreUnavailable)
  server.setStarting(false)
  await server.start()
  await follower.until(() => follower.last?.live === false)
  await follower.untilLive()
})

test('EventStoreDB event store › opens without a server', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, store } = await open(stack, 'tls=false')
  server.kill()
  const appended = [event()]
  await assert.rejects(store.append('a', NO_STREAM, appended), StoreUnavailable)
  await assert.rejects(store.ping(), StoreUnavailable)
  await server.start()
  await eventually(() => store.append('a', NO_STREAM, appended))
})

test('EventStoreDB event store › waits for a starting server', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, store } = await open(stack)
  await store.append('a', NO_STREAM, [event()])
  server.setStarting(true)
  const refused = [store.append('a', 0, [event()]), all(store.readStream('a')), all(store.readAll()), store.ping()]
  await Promise.all(refused.map(call => assert.rejects(call, StoreUnavailable)))
  await using follower = new Follower(store, 'a', BEGINNING)
  await follower.until(() => follower.batches.length > 0)
  const appended = [event()]
  const appending = eventually(() => store.append('a', 0, appended))
  server.setStarting(false)
  await appending
  await follower.untilEvents(2)
})

test('EventStoreDB event store › resumes a subscription that was dropped for being slow without reporting a loss', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, store } = await open(stack)
  await store.append('a', NO_STREAM, events(100))
  await using follower = new Follower(store, 'a', BEGINNING)
  await follower.untilLive()
  server.dropSubscriptions()
  await store.append('a', 99, events(100))
  await follower.untilEvents(200)
  await follower.untilLive()
  assert.deepEqual(follower.events, await all(store.readStream('a')))
  assert.ok(follower.batches.every(({ events, live }) => live || events.length > 0))
})

test('EventStoreDB event store › survives a graceful shutdown of the server', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, store } = await open(stack)
  await store.append('a', NO_STREAM, [event()])
  const stopped = server.stop()
  await store.append('a', 0, [event()])
  await stopped
  await assert.rejects(store.append('a', 1, [event()]), StoreUnavailable)
})

// Deleted streams of Hark's are tested in eventstoredb-removed.test.ts.
test('EventStoreDB event store › treats foreign deleted streams as empty', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, store } = await open(stack)
  const client = EventStoreDBClient.connectionString(server.connectionString)
  await store.append('hidden', NO_STREAM, events(3))
  await store.append('ended', NO_STREAM, events(3))
  await client.deleteStream('hidden')
  await client.tombstoneStream('ended')
  await client.dispose()
  assert.deepEqual(await all(store.readStream('hidden')), [])
  assert.deepEqual(await all(store.readStream('ended')), [])
  await assert.rejects(store.append('ended', 2, [event()]), InvalidAppend)
  assert.equal((await store.append('hidden', NO_STREAM, [event()])).revision, 3)
  assert.deepEqual(revisionsOf(await all(store.readStream('hidden'))), [3])
  await using follower = new Follower(store, '', BEGINNING)
  await follower.untilLive()
  assert.equal(follower.events.length, 7)
  assert.ok(follower.events.every(({ stream, type }) => !stream.startsWith('$') && !type.startsWith('$')))
})

test('EventStoreDB event store › frees the call of a read that stops early', { timeout: 60_000 }, async t => {
  await using stack = new AsyncDisposableStack()
  const { store } = await open(stack, 'tls=false', 20_000)
  await store.append('a', NO_STREAM, events(500))
  for (let n = 0; n < 50; n++) {
    assert.equal((await all(store.readStream('a', { limit: 1 + n }))).length, 1 + n)
    for await (const { revision } of store.readAll({ direction: 'backward' })) if (revision === 499 - n) break
  }
  // Closing waits for calls until a timeout, which never comes here.
  t.mock.timers.enable({ apis: ['setTimeout'] })
  await store.close()
})

test('EventStoreDB event store › reports every lost connection, and to the consumer once an outage', async () => {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await new FakeEventStoreDb().start())
  const losses: unknown[] = []
  const lostThreeTimes = Promise.withResolvers<void>()
  const onLoss = (error: unknown) => {
    if (losses.push(error) === 3) lostThreeTimes.resolve()
  }
  const store = openEventStoreDb({ connectionString: server.connectionString, onLoss })
  stack.defer(() => store.close())
  await using follower = new Follower(store, 'a', BEGINNING)
  await follower.untilLive()
  server.kill()
  await lostThreeTimes.promise
  for (const loss of losses) assert.match(String(loss), /UNAVAILABLE/)
  await server.start()
  await follower.untilLive()
  assert.deepEqual(
    follower.batches.map(({ live }) => live),
    [true, false, true],
  )
})

test('openEventStoreDb › rejects an invalid connection string', () => {
  assert.throws(() => openEventStoreDb({ connectionString: 'http://127.0.0.1:2113' }), /esdb:/)
})

test('EventStoreDB event store › reports an event whose recorded time is not a string, with its position', async () => {
  await using stack = new AsyncDisposableStack()
  const { store } = await open(stack)
  const { metadata, ...rest } = event()
  const strange = { ...metadata, recordedAt: { toString: -0 } } as typeof metadata
  await store.append('listener-west.a', NO_STREAM, [{ ...rest, metadata: strange }])
  const isTold = (error: unknown) =>
    error instanceof StoreCorrupted &&
    /^listener-west\.a revision 0 .*its recorded time is not a string$/.test(
      error.message.slice('the event log is damaged at '.length),
    )
  await assert.rejects(all(store.readAll()), isTold)
  await assert.rejects(all(store.readStream('listener-west.a')), isTold)
})
