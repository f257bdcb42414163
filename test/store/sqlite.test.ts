import assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { type EventStore, NO_STREAM, StoreUnavailable } from '../../src/store/event-store.ts'
import { openSqliteEventStore } from '../../src/store/sqlite/sqlite-event-store.ts'
import { all, event, events, idsOf, upTo } from '../contract/event-store/events.ts'
import { scratchFolder } from '../outside/scratch-folder.ts'

/** Calls `body` with the path of a log that is not there yet. */
const withFile = async (body: (file: string) => Promise<void>): Promise<void> => {
  await using folder = await scratchFolder()
  await body(join(folder.path, 'events.db'))
}

const withStore = async (file: string, body: (store: EventStore) => Promise<void>, now?: () => Date): Promise<void> => {
  const store = openSqliteEventStore({ file, ...(now && { now }) })
  try {
    await body(store)
  } finally {
    await store.close()
  }
}

const execute = (file: string, sql: string): void => {
  const database = new DatabaseSync(file)
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

describe('a file with a log', () => {
  it('is open once at a time', () =>
    withFile(async file => {
      await withStore(file, async () => {
        assert.throws(() => openSqliteEventStore({ file }), StoreUnavailable)
      })
      await withStore(file, async store => store.ping())
    }))

  it('is not touched where a newer Hark wrote it', () =>
    withFile(async file => {
      await withStore(file, async () => {})
      execute(file, 'PRAGMA user_version = 99')
      assert.throws(() => openSqliteEventStore({ file }), { name: 'StoreUnavailable', message: /newer Hark/ })
      execute(file, 'PRAGMA user_version = 1')
      await withStore(file, async store => store.ping())
    }))

  it('cannot be where no file can be', async () => {
    await using folder = await scratchFolder()
    assert.throws(() => openSqliteEventStore({ file: folder.path }), StoreUnavailable)
    assert.throws(() => openSqliteEventStore({ file: join(folder.path, 'none', 'events.db') }), StoreUnavailable)
  })
})

describe('after a crash', () => {
  it('all that was acknowledged is there, in the log and in every stream', () =>
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

describe('time in the log', () => {
  it('never goes back, though the clock is set back', () =>
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

describe('a commit that fails', () => {
  const POISONED = `CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.type = 'Poison'
    BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`
  const poison = () => ({ ...event(), type: 'Poison' })

  for (const [what, others] of [
    ['an append', 0],
    ['a few appends', 3],
    ['many appends', 60],
  ] as const) {
    it(`leaves nothing of ${what}, and the next succeeds`, () =>
      withFile(async file => {
        await withStore(file, async () => {})
        execute(file, POISONED)
        await withStore(file, async store => {
          const good = upTo(others).map(n => ({ stream: `listener-${n}`, events: events(2) }))
          const outcomes = await Promise.allSettled([
            store.append('listener-poison', NO_STREAM, [event(), poison(), event()]),
            ...good.map(({ stream, events }) => store.append(stream, NO_STREAM, events)),
          ])
          assert.equal(outcomes[0]?.status, 'rejected')
          for (const outcome of outcomes)
            if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof StoreUnavailable)
          const acknowledged = good.filter((_, index) => outcomes[index + 1]?.status === 'fulfilled')
          const log = await all(store.readAll())
          assert.deepEqual(idsOf(log), idsOf(acknowledged.flatMap(({ events }) => events)))

          const { position } = await store.append('listener-poison', NO_STREAM, [event()])
          assert.ok(position > (log.at(-1)?.position ?? 0))
          for (const { stream, events } of good) await store.append(stream, NO_STREAM, events)
          assert.equal((await all(store.readAll())).length, 2 * others + 1)
        })
      }))
  }
})
