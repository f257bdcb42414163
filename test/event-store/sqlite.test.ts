import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync, type SQLInputValue, StatementSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import {
  AnotherLog,
  type EventStore,
  NO_STREAM,
  type ReadStreamOptions,
  StoreCorrupted,
  StoreInUse,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { all, event, events, idsOf, revisionsOf, upTo } from '../contract/event-store/events.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** Calls `body` with a path for a new log. */
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

describe('openSqliteEventStore', () => {
  it('rejects with StoreInUse while a process writes the file', () =>
    withFile(async file => {
      await withStore(file, async store => {
        await store.append('a-1', NO_STREAM, [event()])
        assert.throws(() => openSqliteEventStore({ file }), StoreInUse)
      })
      await withStore(file, async store => store.ping())
    }))

  it('rejects with StoreInUse while an older Hark holds the file', () =>
    withFile(async file => {
      await withStore(file, async () => {})
      const older = new DatabaseSync(file)
      older.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT')
      assert.throws(() => openSqliteEventStore({ file }), StoreInUse)
      older.close()
      await withStore(file, async store => store.ping())
    }))

  it('reads the log as of the opening while a process writes and closes it, and leaves no file beside it', () =>
    withFile(async file => {
      const written = openSqliteEventStore({ file })
      await written.append('a-1', NO_STREAM, events(3))
      const read = openSqliteEventStore({ file, access: 'read' })
      await written.append('a-1', 2, events(2))
      await written.append('a-2', NO_STREAM, events(2))
      const sizes = async () => [(await all(read.readAll())).length, (await all(read.readStream('a-1'))).length]
      assert.deepEqual(await sizes(), [3, 3])
      assert.deepEqual(await all(read.readStream('a-2')), [])
      assert.deepEqual(await Array.fromAsync(read.check()), [])
      await assert.rejects(read.append('a-1', 2, [event()]), StoreUnavailable)
      await written.close()
      assert.deepEqual(await sizes(), [3, 3])
      await read.close()
      assert.deepEqual(readdirSync(dirname(file)), ['events.db', 'events.db.lock'])
      await withStore(file, async store => assert.equal((await all(store.readAll())).length, 7))
    }))

  it('does not make a file to read', async () => {
    await using folder = await scratchFolder()
    const file = join(folder.path, 'events.db')
    assert.throws(() => openSqliteEventStore({ file, access: 'read' }), StoreUnavailable)
    assert.deepEqual(readdirSync(folder.path), [])
  })

  it('lets other programs read and copy the log while it is written', () =>
    withFile(async file => {
      const copy = `${file}.copy`
      const read = (from: string): unknown => {
        const database = new DatabaseSync(from, { readOnly: true })
        try {
          return database.prepare('SELECT count(*) AS events FROM events').get()?.events
        } finally {
          database.close()
        }
      }
      await withStore(file, async store => {
        await store.append('a-1', NO_STREAM, events(3))
        assert.equal(read(file), 3)
        const reader = new DatabaseSync(file, { readOnly: true })
        await backup(reader, copy)
        reader.close()
        await store.append('a-1', 2, events(2))
        assert.equal(read(file), 5)
      })
      assert.equal(read(copy), 3)
      await withStore(copy, async store => assert.equal((await all(store.readStream('a-1'))).length, 3))
    }))

  it('writes appends that wait when it is closed', () =>
    withFile(async file => {
      const store = openSqliteEventStore({ file })
      const appended = Promise.all(upTo(3).map(n => store.append(`a-${n}`, NO_STREAM, [event()])))
      await store.close()
      assert.equal((await appended).length, 3)
      await withStore(file, async reopened => assert.equal((await all(reopened.readAll())).length, 3))
    }))

  it('rejects a subscription after the end of the log, as that was another log', () =>
    withFile(file =>
      withStore(file, async store => {
        const { position } = await store.append('a-1', NO_STREAM, events(3))
        const subscribe = async (after: number) => {
          const abort = new AbortController()
          for await (const batch of store.subscribe({ after, prefixes: ['a-'], signal: abort.signal })) {
            abort.abort()
            return batch
          }
        }
        assert.deepEqual(await subscribe(position), { events: [], position, live: true })
        await assert.rejects(
          subscribe(position + 1),
          (error: unknown) => error instanceof AnotherLog && error.location.position === position,
        )
      }),
    ))

  it('leaves a file of a newer version unchanged', () =>
    withFile(async file => {
      await withStore(file, async () => {})
      execute(file, 'PRAGMA user_version = 99')
      assert.throws(() => openSqliteEventStore({ file }), { name: 'StoreUnavailable', message: /newer Hark/ })
      execute(file, 'PRAGMA user_version = 1')
      await withStore(file, async store => store.ping())
    }))

  it('rejects with StoreUnavailable if the file cannot be made', async () => {
    await using folder = await scratchFolder()
    assert.throws(() => openSqliteEventStore({ file: folder.path }), StoreUnavailable)
    assert.throws(() => openSqliteEventStore({ file: join(folder.path, 'none', 'events.db') }), StoreUnavailable)
  })
})

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

describe('SQLite event store after a failed commit', () => {
  const POISONED = `CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.type = 'Poison'
    BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`
  const poison = () => ({ ...event(), type: 'Poison' })

  for (const [what, others] of [
    ['an append', 0],
    ['a few appends', 3],
    ['many appends', 60],
  ] as const) {
    it(`keeps nothing of ${what} and accepts the next append`, () =>
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

describe('SQLite event store whose disk loses an event while a commit fails', () => {
  it('rejects further appends and reports the place', () =>
    withFile(async file => {
      await withStore(file, async store => void (await store.append('listener-a', NO_STREAM, events(2))))
      // FAIL keeps what the trigger has done.
      execute(
        file,
        `CREATE TRIGGER lose BEFORE INSERT ON events
        BEGIN DELETE FROM events WHERE position = 2; SELECT RAISE(FAIL, 'disk I/O error'); END`,
      )
      await withStore(file, async store => {
        await assert.rejects(store.append('listener-b', NO_STREAM, [event()]), StoreUnavailable)
        assert.match(store.readOnlyReason ?? '', /the event was written, but is missing/)
        await assert.rejects(store.append('listener-b', NO_STREAM, [event()]), ({ cause }: Error) => {
          assert.ok(cause instanceof StoreCorrupted)
          return cause.location.position === 2
        })
      })
    }))
})

describe('SQLite event store after a commit that only seemed to fail', () => {
  /** Makes the next write fail after it is done. */
  const failAfterWrite = (t: TestContext): void => {
    const run = StatementSync.prototype.run as (...row: SQLInputValue[]) => unknown
    const mocked = t.mock.method(
      StatementSync.prototype,
      'run',
      function (this: StatementSync, ...row: SQLInputValue[]) {
        const changes = run.apply(this, row)
        if (row.length < 8) return changes
        mocked.mock.restore()
        throw Object.assign(new Error('disk I/O error'), { errcode: 10 })
      },
    )
  }

  it('finds the event with the next append if the file could not be read immediately', t =>
    withFile(file =>
      withStore(file, async store => {
        await store.append('listener-a', NO_STREAM, events(2))
        const unsettled = [event()]
        failAfterWrite(t)
        const look = t.mock.method(StatementSync.prototype, 'all', () => {
          look.mock.restore()
          throw Object.assign(new Error('disk I/O error'), { errcode: 10 })
        })
        await assert.rejects(store.append('listener-a', 1, unsettled), StoreUnavailable)
        assert.equal((await store.append('listener-b', NO_STREAM, [event()])).position, 4)
        assert.equal((await store.append('listener-a', 1, unsettled)).revision, 2)
        assert.deepEqual(revisionsOf(await all(store.readStream('listener-a'))), [0, 1, 2])
      }),
    ))

  it('never records an earlier time than that of the event', t =>
    withFile(file => {
      const written = '2026-11-23T10:00:00.000Z'
      let now = new Date(written)
      return withStore(
        file,
        async store => {
          failAfterWrite(t)
          await assert.rejects(store.append('listener-a', NO_STREAM, [event()]), StoreUnavailable)
          now = new Date('2026-11-23T09:00:00.000Z')
          await store.append('listener-b', NO_STREAM, [event()])
          assert.deepEqual(
            (await all(store.readAll())).map(({ time }) => time),
            [written, written],
          )
        },
        () => now,
      )
    }))

  it('appends behind the event and recognizes a repetition', t =>
    withFile(file =>
      withStore(file, async store => {
        await store.append('listener-a', NO_STREAM, events(2))
        const unsettled = [event()]
        failAfterWrite(t)
        await assert.rejects(store.append('listener-a', 1, unsettled), StoreUnavailable)
        const refused = store.append('listener-a', 1, [event()])
        await assert.rejects(refused, (error: unknown) => error instanceof WrongExpectedRevision && error.actual === 2)
        const again = await store.append('listener-a', 1, unsettled)
        assert.equal(again.revision, 2)
        assert.equal((await store.append('listener-a', 2, [event()])).position, again.position + 1)
        assert.deepEqual(revisionsOf(await all(store.readStream('listener-a'))), [0, 1, 2, 3])
      }),
    ))
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
