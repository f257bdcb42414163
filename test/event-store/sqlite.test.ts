import assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import {
  type EventStore,
  NO_STREAM,
  type ReadStreamOptions,
  StoreCorrupted,
  StoreUnavailable,
} from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { all, event, events, upTo } from '../contract/event-store/events.ts'
import { execute, withFile, withStore } from './sqlite-file.ts'

describe('SQLite event store after a crash', () => {
  it('returns all acknowledged events, from the log and from every stream', () =>
    withFile(async file => {
      await withStore(file, async store => {
        await store.append('listener-a', NO_STREAM, events(3))
        await Promise.all(upTo(1200).map(n => store.append(`listener-${n}`, NO_STREAM, [event()])))
        await store.append('listener-a', 2, events(2))
        const log = await all(store.readAll())
        const left = `${file}.left.db`
        for (const part of ['', '-wal']) await copyFile(`${file}${part}`, `${left}${part}`)
        await withStore(left, async after => {
          assert.deepEqual(await all(after.readAll()), log)
          const ofA = log.filter(({ stream }) => stream === 'listener-a')
          assert.deepEqual(await all(after.readStream('listener-a')), ofA)
          assert.deepEqual(await all(after.readStream('listener-a', { direction: 'backward' })), ofA.toReversed())
          const { revision, position } = await after.append('listener-a', 4, [event()])
          assert.equal(revision, 5)
          assert.ok(position > log.at(-1)!.position)
        })
      })
    }))
})

describe('SQLite event store with a clock set back', () => {
  it('never records an earlier time', () =>
    withFile(async file => {
      let now = new Date('2026-11-23T10:00:00.000Z')
      const append = (stream: string) =>
        withStore(
          file,
          async store => void (await store.append(stream, NO_STREAM, [event()])),
          () => now,
        )
      await append('listener-a')
      now = new Date('2026-11-23T09:00:00.000Z')
      await append('listener-b')
      now = new Date('2026-11-23T10:00:00.001Z')
      await append('listener-c')
      await withStore(file, async store => {
        assert.deepEqual(
          (await all(store.readAll())).map(({ time }) => time),
          ['2026-11-23T10:00:00.000Z', '2026-11-23T10:00:00.000Z', '2026-11-23T10:00:00.001Z'],
        )
      })
    }))
})

describe('SQLite event store durability', () => {
  it('syncs the file with each commit', t =>
    withFile(file => {
      const connections = new Set<DatabaseSync>()
      const { prepare } = DatabaseSync.prototype
      t.mock.method(DatabaseSync.prototype, 'prepare', function (this: DatabaseSync, sql: string) {
        connections.add(this)
        return prepare.call(this, sql)
      })
      return withStore(file, async store => {
        await store.append('listener-a', NO_STREAM, [event()])
        const [connection, ...others] = connections
        assert.deepEqual(others, [])
        const settingOf = (name: string) => Object.values(connection?.prepare(`PRAGMA ${name}`).get() ?? {})[0]
        assert.equal(settingOf('journal_mode'), 'wal')
        // Full: the journal is synchronised before a commit returns.
        assert.equal(settingOf('synchronous'), 2)
      })
    }))
})

describe('SQLite event store with many events', () => {
  it('indexes them while it is open, and reads each stream in order before and after', () =>
    withFile(file =>
      withStore(file, async store => {
        const reader = new DatabaseSync(file, { readOnly: true })
        const indexed = () => Number(reader.prepare('SELECT position FROM stream_index_progress').get()?.position)
        const revisions = async (direction: 'forward' | 'backward') =>
          (await all(store.readStream('listener-a', { direction }))).map(({ revision }) => revision)
        let count = 0
        while (indexed() === 0) {
          await store.append('listener-a', count - 1, events(2000))
          count += 2000
          await store.append('listener-b', count / 2000 - 2, [event()])
          if (count === 4000) assert.deepEqual(await revisions('forward'), upTo(count))
        }
        assert.deepEqual(await revisions('forward'), upTo(count))
        assert.deepEqual(await revisions('backward'), upTo(count).reverse())
        reader.close()
      }),
    ))
})

describe('SQLite event store with a missing event', () => {
  /** The revisions read, and the missing one. */
  const readOf = async (
    reading: AsyncIterable<RecordedEvent>,
  ): Promise<[read: number[], missing: number | undefined]> => {
    const read: number[] = []
    try {
      for await (const { revision } of reading) read.push(revision)
      return [read, undefined]
    } catch (error) {
      assert.ok(error instanceof StoreCorrupted)
      return [read, error.location.revision]
    }
  }

  for (const [missing, forward, backward] of [
    [0, [], [2, 1]],
    [1, [0], [2]],
  ] as const) {
    it(`reads up to missing revision ${missing} from both sides and throws StoreCorrupted`, () =>
      withFile(async file => {
        await withStore(file, async store => void (await store.append('listener-a', NO_STREAM, events(3))))
        const where = `WHERE position = ${missing + 1}`
        execute(file, `DELETE FROM stream_index ${where}; DELETE FROM events ${where}`)
        await withStore(file, async store => {
          const stream = (options: ReadStreamOptions) => readOf(store.readStream('listener-a', options))
          assert.deepEqual(await stream({}), [forward, missing])
          assert.deepEqual(await stream({ direction: 'backward' }), [backward, missing])
          assert.deepEqual(await stream({ from: 2 }), [[2], undefined])
          assert.deepEqual(await stream({ direction: 'backward', limit: 1 }), [[2], undefined])
        })
      }))
  }
})

describe('SQLite event store check', () => {
  it('yields the faults of the file, and none of a sound one', () =>
    withFile(async file => {
      const faultsOf = async (store: EventStore): Promise<string[]> => {
        const faults: string[] = []
        for await (const { fault } of store.check()) faults.push(fault)
        return faults
      }
      await withStore(file, async store => {
        await store.append('listener-a', NO_STREAM, events(3))
        assert.deepEqual(await faultsOf(store), [])
      })
      execute(file, 'DELETE FROM events WHERE position = 3; UPDATE events SET position = 0 WHERE position = 1')
      const store = openSqliteEventStore({ file })
      assert.deepEqual(await faultsOf(store), [
        'the stream index has 2 entries that lead to no event',
        '1 events have a position before the beginning of the log',
      ])
      await store.close()
      await assert.rejects(faultsOf(store), StoreUnavailable)
    }))
})
