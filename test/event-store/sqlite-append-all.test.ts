import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decorateStore } from '../../src/event-store/decorate-store.ts'
import {
  AppendTooLarge,
  type EventStore,
  MAX_APPEND_BYTES,
  NO_STREAM,
  StoreUnavailable,
  type StreamAppend,
  WrongExpectedRevision,
} from '../../src/event-store/event-store.ts'
import { all, event, events, idsOf, upTo } from '../contract/event-store/events.ts'
import { execute, withFile, withStore } from './sqlite-file.ts'

const appendTo = (stream: string, expectedRevision = NO_STREAM, count = 1): StreamAppend => ({
  stream,
  expectedRevision,
  events: events(count),
})

const appendAll = (store: EventStore, appends: readonly StreamAppend[]) => {
  assert.ok(store.appendAll !== undefined)
  return store.appendAll(appends)
}

const onStore = (body: (store: EventStore) => Promise<void>): Promise<void> => withFile(file => withStore(file, body))

const idsIn = async (store: EventStore): Promise<string[]> => idsOf(await all(store.readAll()))

describe('SQLite event store › appendAll', () => {
  it('writes the events in the order given and returns a result for each stream', () =>
    onStore(async store => {
      const appends = [appendTo('endpoint-a'), appendTo('listener-a', NO_STREAM, 3), appendTo('listener-b')]
      assert.deepEqual(await appendAll(store, appends), [
        { revision: 0, position: 1 },
        { revision: 2, position: 4 },
        { revision: 0, position: 5 },
      ])
      assert.deepEqual(await idsIn(store), idsOf(appends.flatMap(({ events }) => events)))
    }))

  it('writes nothing if one stream is at another revision, which the error names', () =>
    onStore(async store => {
      const { position } = await store.append('listener-b', NO_STREAM, events(2))
      for (const appends of [
        [appendTo('listener-a'), appendTo('listener-b', 0)],
        [appendTo('listener-b', 0), appendTo('listener-a')],
      ]) {
        await assert.rejects(appendAll(store, appends), error => {
          assert.ok(error instanceof WrongExpectedRevision)
          assert.deepEqual([error.stream, error.expected, error.actual], ['listener-b', 0, 1])
          return true
        })
      }
      assert.equal((await all(store.readAll())).at(-1)?.position, position)
    }))

  it('writes nothing if one append is too large', () =>
    onStore(async store => {
      const large = { ...appendTo('listener-b'), events: [event({ text: 'x'.repeat(MAX_APPEND_BYTES) })] }
      await assert.rejects(appendAll(store, [appendTo('listener-a'), large]), AppendTooLarge)
      assert.deepEqual(await idsIn(store), [])
    }))

  it('returns the first results for a repetition and writes nothing', () =>
    onStore(async store => {
      const appends = [appendTo('endpoint-a'), appendTo('listener-a', NO_STREAM, 2)]
      const results = await appendAll(store, appends)
      assert.deepEqual(await appendAll(store, appends), results)
      assert.equal((await idsIn(store)).length, 3)
    }))

  it('follows an append that arrived earlier for one of its streams', () =>
    onStore(async store => {
      const first = appendTo('listener-a', NO_STREAM, 2)
      const both = [appendTo('endpoint-a'), appendTo('listener-a', 1)]
      const [one, results] = await Promise.all([
        store.append(first.stream, first.expectedRevision, first.events),
        appendAll(store, both),
      ])
      assert.deepEqual([one.position, results.map(({ position }) => position)], [2, [3, 4]])
    }))

  it('accepts one of many concurrent claims of a stream, and nothing of the others', () =>
    onStore(async store => {
      const outcomes = await Promise.allSettled(
        upTo(20).map(n => appendAll(store, [appendTo('endpoint-a'), appendTo(`listener-${n}`)])),
      )
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', ...Array(19).fill('rejected')],
      )
      const log = await all(store.readAll())
      assert.deepEqual(
        log.map(({ stream }) => stream),
        ['endpoint-a', 'listener-0'],
      )
    }))

  it('keeps nothing of a failed commit and accepts the repetition', () =>
    withFile(async file => {
      await withStore(file, async () => {})
      execute(
        file,
        `CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.stream = 'listener-b'
         BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
      )
      const appends = [appendTo('listener-a'), appendTo('listener-b')]
      await withStore(file, async store => {
        await assert.rejects(appendAll(store, appends), StoreUnavailable)
        assert.deepEqual(await idsIn(store), [])
      })
      execute(file, 'DROP TRIGGER poison')
      await withStore(file, async store => {
        await appendAll(store, appends)
        assert.deepEqual(await idsIn(store), idsOf(appends.flatMap(({ events }) => events)))
      })
    }))
})

describe('decorateStore', () => {
  it('hides appendAll if append is decorated', () =>
    onStore(async store => {
      assert.equal(decorateStore(store, { append: () => Promise.reject(new Error('read-only')) }).appendAll, undefined)
      assert.equal(decorateStore(store, { ping: async () => {} }).appendAll, store.appendAll)
    }))
})
