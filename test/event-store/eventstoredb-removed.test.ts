import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventStoreDBClient } from '@eventstore/db-client'
import { BEGINNING, type Position } from '../../schemas/events/recorded-event.ts'
import { type EventStore, NO_STREAM, StoreCorrupted, WrongExpectedRevision } from '../../src/event-store/event-store.ts'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { all, event, events, idsOf, revisionsOf } from '../contract/event-store/events.ts'
import { Follower } from '../contract/event-store/follower.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'

const STREAM = 'listener-west.a'
const OTHER = 'listener-west.b'
const OF_OTHERS = 'orders-7'

interface Scene {
  readonly server: FakeEventStoreDb
  readonly client: EventStoreDBClient
  readonly store: EventStore
  /** The position of the last event of the other stream, which precedes STREAM. */
  readonly before: Position
}

/** A log with five events of one stream, behind two of another. */
const open = async (stack: AsyncDisposableStack): Promise<Scene> => {
  const server = stack.use(await new FakeEventStoreDb().start())
  const client = EventStoreDBClient.connectionString(server.connectionString)
  stack.defer(() => client.dispose())
  const store = openEventStoreDb({ connectionString: server.connectionString })
  stack.defer(() => store.close())
  const { position: before } = await store.append(OTHER, NO_STREAM, events(2))
  await store.append(STREAM, NO_STREAM, events(5))
  return { server, client, store, before }
}

const damaged =
  (fault: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof StoreCorrupted, String(error))
    assert.match(error.message, fault)
    return true
  }

const faultsOf = async (store: EventStore): Promise<string[]> => {
  const faults: string[] = []
  for await (const { message } of store.check()) faults.push(message)
  return faults
}

const HIDDEN = [
  ['$maxCount', { maxCount: 2 }, /listener-west\.a .*revisions 0 to 2 are missing before it: .* has \$maxCount/],
  ['$tb', { truncateBefore: 1 }, /listener-west\.a .*revision 0 is missing before it: .* has \$tb/],
  ['$tb behind its end', { truncateBefore: 99 }, /listener-west\.a: none of its events can be read: .* has \$tb/],
] as const

describe('EventStoreDB event store with removed events', () => {
  for (const [what, metadata, fault] of HIDDEN) {
    it(`throws StoreCorrupted for events hidden by ${what}`, async () => {
      await using stack = new AsyncDisposableStack()
      const { client, store } = await open(stack)
      await client.setStreamMetadata(STREAM, metadata)
      await assert.rejects(all(store.readStream(STREAM)), damaged(fault))
      await assert.rejects(all(store.readStream(STREAM, { limit: 1 })), damaged(fault))
      await assert.rejects(all(store.readStream(STREAM, { direction: 'backward' })), damaged(/ has \$/))
      // Until a scavenge the log has them.
      assert.equal((await all(store.readAll())).length, 7)
      const [found, ...others] = await faultsOf(store)
      assert.match(found ?? '', fault)
      assert.deepEqual(others, [])
    })
  }

  it('reads a range without hidden events', async () => {
    await using stack = new AsyncDisposableStack()
    const { client, store } = await open(stack)
    await client.setStreamMetadata(STREAM, { maxCount: 2 })
    const read = async (options: Parameters<typeof store.readStream>[1]) =>
      revisionsOf(await all(store.readStream(STREAM, options)))
    assert.deepEqual(await read({ from: 3 }), [3, 4])
    assert.deepEqual(await read({ direction: 'backward', limit: 2 }), [4, 3])
    assert.deepEqual(await read({ from: 5 }), [])
    await assert.rejects(read({ from: 1, limit: 1 }), damaged(/revisions 1 to 2 are missing before it/))
    await assert.rejects(read({ direction: 'backward', from: 1 }), damaged(/none of its events can be read/))
    await assert.rejects(
      read({ direction: 'backward', limit: 3 }),
      damaged(/revision 2: it is missing, and so are all earlier events/),
    )
    assert.equal((await store.append(STREAM, 4, [event()])).revision, 5)
  })

  it('reads all events while the metadata hides none', async () => {
    await using stack = new AsyncDisposableStack()
    const { client, store } = await open(stack)
    await client.setStreamMetadata(STREAM, { maxCount: 5 })
    await client.setStreamMetadata('listener-west.none', { truncateBefore: 3 })
    await client.setStreamMetadata(OTHER, { maxCount: 1 })
    await client.setStreamMetadata(OTHER, {})
    assert.deepEqual(revisionsOf(await all(store.readStream(STREAM))), [0, 1, 2, 3, 4])
    assert.deepEqual(await all(store.readStream('listener-west.none')), [])
    assert.deepEqual(await faultsOf(store), [])
  })

  it('throws StoreCorrupted for scavenged events in every read', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, client, store, before } = await open(stack)
    const written = await all(store.readAll())
    await client.setStreamMetadata(STREAM, { maxCount: 2 })
    server.log.scavenge()
    const fault = damaged(/listener-west\.a revision 3 \(position \w+\): revisions 0 to 2 are missing before it/)
    const follower = new Follower(store, 'listener-', BEGINNING)
    await assert.rejects(follower.ended(), fault)
    assert.deepEqual(idsOf(follower.events), idsOf(written.slice(0, 2)))
    await assert.rejects(all(store.readAll()), fault)
    await assert.rejects(all(store.readStream(STREAM)), fault)
    // A read that begins later cannot see the gap.
    for (const options of [{ from: before }, { allowGaps: true }, { direction: 'backward' }] as const)
      assert.deepEqual(
        (await all(store.readAll(options))).filter(({ stream }) => stream === STREAM).length,
        2,
        JSON.stringify(options),
      )
  })

  it('throws StoreCorrupted for events removed in the middle of a stream, in both directions', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store, before } = await open(stack)
    server.log.records.splice(
      server.log.records.findIndex(({ stream, revision }) => stream === STREAM && revision === 2),
      1,
    )
    const forward = damaged(/listener-west\.a revision 3 .*: revision 2 is missing before it/)
    await assert.rejects(all(store.readAll({ from: before })), forward)
    await assert.rejects(new Follower(store, 'listener-', before).ended(), forward)
    await assert.rejects(
      all(store.readAll({ direction: 'backward' })),
      damaged(/revision 1 .*revision 2 is missing after/),
    )
  })

  it('throws StoreCorrupted for a deleted stream', async () => {
    await using stack = new AsyncDisposableStack()
    const { client, store } = await open(stack)
    await client.deleteStream(STREAM)
    const fault = damaged(/listener-west\.a: the stream was deleted$/)
    await assert.rejects(all(store.readStream(STREAM)), fault)
    await assert.rejects(all(store.readStream(STREAM, { direction: 'backward', limit: 1 })), fault)
    assert.match((await faultsOf(store)).join(), /the stream was deleted/)
    // The server takes it, behind what was there.
    await assert.rejects(
      store.append(STREAM, NO_STREAM, [event()]),
      damaged(/revision 5: the stream was deleted before/),
    )
    await assert.rejects(store.append(STREAM, NO_STREAM, [event()]), WrongExpectedRevision)
    await assert.rejects(all(store.readStream(STREAM)), damaged(/revisions 0 to 4 are missing before it: .* has \$tb/))
  })

  it('throws StoreCorrupted for a tombstoned stream, also from the log', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, client, store } = await open(stack)
    await client.tombstoneStream(STREAM)
    const fault = damaged(/listener-west\.a.*: the stream was deleted for good/)
    for (const round of ['hidden', 'scavenged']) {
      await assert.rejects(all(store.readStream(STREAM)), fault, round)
      await assert.rejects(all(store.readAll()), fault, round)
      await assert.rejects(new Follower(store, 'listener-', BEGINNING).ended(), fault, round)
      await assert.rejects(store.append(STREAM, 4, [event()]), fault, round)
      server.log.scavenge()
    }
  })

  it('ignores removed events of foreign streams', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, client, store } = await open(stack)
    await store.append(OF_OTHERS, NO_STREAM, events(3))
    await client.setStreamMetadata(OF_OTHERS, { maxCount: 1 })
    server.log.scavenge()
    assert.deepEqual(revisionsOf(await all(store.readStream(OF_OTHERS))), [2])
    assert.equal((await all(store.readAll())).length, 8)
    assert.deepEqual(await faultsOf(store), [])
  })
})
