import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import {
  type EventStore,
  type EventToAppend,
  NO_STREAM,
  WrongExpectedRevision,
} from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { eventHash } from '../../src/integrity/hash-chain/event-hash.ts'
import { chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { all } from '../contract/event-store/events.ts'
import fc from '../support/fast-check.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const STREAM = 'listener-west.a'

const event = (via: 'cli' | null = 'cli', data: object = {}): EventToAppend => ({
  id: randomUUID(),
  type: 'ListenerDeleted',
  data: { namespace: 'west', name: 'a', uid: 'u', ...data },
  metadata: { schemaVersion: 1, actor: 'alice', ...(via && { via }), correlationId: randomUUID() },
})

/** Each event but the first of its stream holds the hash of the one before it. */
const assertChained = (log: readonly RecordedEvent[]): void => {
  for (const story of Map.groupBy(log, ({ stream }) => stream).values()) {
    for (const [index, { metadata }] of story.entries()) {
      const before = story[index - 1]
      assert.equal(metadata.previousHash, before && eventHash(before))
    }
  }
}

const withStore = async (work: (store: EventStore) => Promise<void>): Promise<void> => {
  await using folder = await scratchFolder()
  const store = openSqliteEventStore({ file: join(folder.path, 'events.db') })
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

describe('chainedStore', () => {
  test('links the events within an append and across appends', () =>
    withStore(async store => {
      const chained = chainedStore(store)
      await chained.append(STREAM, NO_STREAM, [event(), event()])
      await chained.append(STREAM, 1, [event()])
      await chainedStore(store).append(STREAM, 2, [event()])
      assertChained(await all(store.readStream(STREAM)))
    }))

  test('links events that are appended to several streams at once, and forgets those that are not', () =>
    withStore(async store => {
      const chained = chainedStore(store)
      const other = 'endpoint-west.a:80'
      const both = (revision: number) => [
        { stream: other, expectedRevision: revision, events: [event()] },
        { stream: STREAM, expectedRevision: revision, events: [event()] },
      ]
      await chained.appendAll?.(both(NO_STREAM))
      await assert.rejects(async () => chained.appendAll?.(both(NO_STREAM)), WrongExpectedRevision)
      await chained.appendAll?.(both(0))
      const log = await all(store.readAll())
      assert.equal(log.length, 4)
      assertChained(log)
      for (const read of log) assert.equal(chained.hashOf(read), eventHash(read))
    }))

  test('links to an event that another engine appended in between', () =>
    withStore(async store => {
      const [one, other] = [chainedStore(store), chainedStore(store)]
      await one.append(STREAM, NO_STREAM, [event()])
      await other.append(STREAM, 0, [event()])
      await one.append(STREAM, 1, [event()])
      assertChained(await all(store.readStream(STREAM)))
    }))

  test('rejects a wrong expected revision with the actual one', () =>
    withStore(async store => {
      const chained = chainedStore(store)
      await assert.rejects(chained.append(STREAM, 4, [event()]), new WrongExpectedRevision(STREAM, 4, NO_STREAM))
      await chained.append(STREAM, NO_STREAM, [event()])
      await assert.rejects(chained.append(STREAM, 4, [event()]), new WrongExpectedRevision(STREAM, 4, 0))
      await assert.rejects(chained.append(STREAM, NO_STREAM, [event()]), new WrongExpectedRevision(STREAM, -1, 0))
    }))

  test('links to unlinked events of an older Hark, also after a repeated append of them', () =>
    withStore(async store => {
      const old = [event(null), event(null)]
      await store.append(STREAM, NO_STREAM, old)
      const chained = chainedStore(store)
      await chained.append(STREAM, NO_STREAM, old)
      await chained.append(STREAM, 1, [event()])
      const [first, second, third] = await all(store.readStream(STREAM))
      assert.equal(second?.metadata.previousHash, undefined)
      assert.equal(third?.metadata.previousHash, eventHash(second as RecordedEvent))
      assert.equal(chained.hashOf(first as RecordedEvent), eventHash(first as RecordedEvent))
    }))

  test('returns the hash of an appended event, also when called twice', () =>
    withStore(async store => {
      const chained = chainedStore(store)
      await chained.append(STREAM, NO_STREAM, [event('cli', { z: 1, a: { y: 2, b: 3 } })])
      for (const read of await all(store.readAll()))
        for (let time = 0; time < 2; time += 1) assert.equal(chained.hashOf(read), eventHash(read))
    }))

  test('computes the hash of the same event at another revision, as after the deletion of its stream', () =>
    withStore(async store => {
      const chained = chainedStore(store)
      await chained.append(STREAM, NO_STREAM, [event()])
      const [read] = await all(store.readAll())
      const elsewhere = { ...(read as RecordedEvent), revision: 5 }
      assert.equal(chained.hashOf(elsewhere), eventHash(elsewhere))
    }))

  test('computes the hash of an event that another writer appended with another link first', () =>
    withStore(async store => {
      const chained = chainedStore(store)
      await chained.append(STREAM, NO_STREAM, [event()])
      const contested = event()
      await store.append(STREAM, 0, [contested])
      await assert.rejects(chained.append(STREAM, 0, [contested, event()]), WrongExpectedRevision)
      const last = (await all(store.readStream(STREAM))).at(-1) as RecordedEvent
      assert.equal(chained.hashOf(last), eventHash(last))
    }))

  test('keeps every stream linked for any appends of two engines', async () => {
    const append = fc.record({
      stream: fc.constantFrom('listener-west.a', 'listener-west.b', 'connector-west.a'),
      engine: fc.nat({ max: 1 }),
      data: fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 3 }),
      isRepeated: fc.boolean(),
      isLate: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(append, { maxLength: 30 }), appends =>
        withStore(async store => {
          const engines = [chainedStore(store), chainedStore(store)]
          const revisions = new Map<string, number>()
          for (const { stream, engine, data, isRepeated, isLate } of appends) {
            const expected = (revisions.get(stream) ?? NO_STREAM) - (isLate ? 1 : 0)
            const events = data.map(each => event('cli', each))
            for (const chained of isRepeated ? engines : [engines[engine] as EventStore]) {
              await chained.append(stream, expected, events).then(
                ({ revision }) => revisions.set(stream, revision),
                error => assert.ok(error instanceof WrongExpectedRevision),
              )
            }
          }
          assertChained(await all(store.readAll()))
        }),
      ),
      { numRuns: 40 },
    )
  })
})
