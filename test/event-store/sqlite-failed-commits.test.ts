import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, StatementSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import {
  NO_STREAM,
  StoreCorrupted,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../../src/event-store/event-store.ts'
import { EventTable } from '../../src/event-store/sqlite/events-table.ts'
import { SqliteLog } from '../../src/event-store/sqlite/log.ts'
import { all, event, events, idsOf, revisionsOf, upTo } from '../contract/event-store/events.ts'
import { execute, withFile, withStore } from './sqlite-file.ts'

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

describe('SQLite event store after a commit of the stream index that only seemed to fail', () => {
  const ioError = () => Object.assign(new Error('disk I/O error'), { errcode: 10 })

  /** Makes the next COMMIT fail after it is done. */
  const failAfterCommit = (t: TestContext): void => {
    const { exec } = DatabaseSync.prototype
    const mocked = t.mock.method(DatabaseSync.prototype, 'exec', function (this: DatabaseSync, sql: string) {
      exec.call(this, sql)
      if (sql !== 'COMMIT') return
      mocked.mock.restore()
      throw ioError()
    })
  }

  const open = async (file: string): Promise<SqliteLog> => {
    await withStore(file, async store => {
      await store.append('listener-a', NO_STREAM, events(3))
    })
    const log = new SqliteLog(new EventTable(file))
    const written = upTo(4).map(n => ({
      event: { ...event(), position: 4 + n, stream: 'listener-a', revision: 3 + n, time: log.lastTime },
      data: '{}',
      metadata: '{}',
    }))
    log.insert(written as unknown as Parameters<SqliteLog['insert']>[0], log.lastTime)
    return log
  }

  const revisions = (log: SqliteLog, direction: 'forward' | 'backward') =>
    log.streamPage('listener-a', direction === 'forward' ? 0 : 99, direction, 99).map(({ revision }) => revision)

  it('reads each event once, and writes the index again', t =>
    withFile(async file => {
      const log = await open(file)
      try {
        failAfterCommit(t)
        log.writeIndex()
        assert.deepEqual(revisions(log, 'forward'), [0, 1, 2, 3, 4, 5, 6])
        assert.deepEqual(revisions(log, 'backward'), [6, 5, 4, 3, 2, 1, 0])
        const last = { ...event(), position: 8, stream: 'listener-a', revision: 7, time: log.lastTime }
        log.insert(
          [{ event: last, data: '{}', metadata: '{}' }] as unknown as Parameters<SqliteLog['insert']>[0],
          log.lastTime,
        )
        log.writeIndex()
        assert.equal(log.table.indexedPosition(), 8)
        assert.deepEqual(log.table.check(), [])
      } finally {
        log.close()
      }
    }))

  it('does so if the file could not be read immediately', t =>
    withFile(async file => {
      const log = await open(file)
      try {
        failAfterCommit(t)
        log.writeIndex()
        const reading = t.mock.method(log.table, 'indexedPosition', () => {
          throw ioError()
        })
        assert.throws(() => revisions(log, 'forward'), StoreUnavailable)
        log.writeIndex()
        reading.mock.restore()
        log.writeIndex()
        assert.equal(log.table.indexedPosition(), 7)
        assert.deepEqual(revisions(log, 'forward'), [0, 1, 2, 3, 4, 5, 6])
      } finally {
        log.close()
      }
    }))
})

describe('EventTable on a disk with room for a page, but not for a command', () => {
  it('fails to try to write, and leaves nothing behind once it succeeds', t =>
    withFile(async file => {
      const prepare = t.mock.method(DatabaseSync.prototype, 'prepare')
      const table = new EventTable(file)
      const database = prepare.mock.calls.at(-1)?.this as DatabaseSync
      const { page_count } = database.prepare('PRAGMA page_count').get() as { page_count: number }
      database.exec(`PRAGMA max_page_count = ${page_count}`)
      assert.throws(() => table.tryToWrite(), /full/)

      database.exec(`PRAGMA max_page_count = ${page_count * 100}`)
      table.tryToWrite()
      table.tryToWrite()
      const tables = database.prepare('SELECT name FROM sqlite_schema WHERE type = ? ORDER BY name').all('table')
      assert.deepEqual(
        tables.map(({ name }) => name),
        ['events', 'stream_index', 'stream_index_progress'],
      )
      table.close()
    }))

  it('shows readers nothing of it, which an engine that ends meanwhile would leave behind', t =>
    withFile(async file => {
      const table = new EventTable(file)
      const reader = new DatabaseSync(file, { readOnly: true })
      const { exec } = DatabaseSync.prototype
      const before = statSync(`${file}-wal`).size
      const seen: unknown[] = []
      t.mock.method(DatabaseSync.prototype, 'exec', function (this: DatabaseSync, sql: string) {
        exec.call(this, sql)
        seen.push(reader.prepare("SELECT name FROM sqlite_schema WHERE name = 'filler'").get())
      })
      table.tryToWrite()
      assert.ok(seen.length > 0)
      assert.deepEqual(new Set(seen), new Set([undefined]))
      assert.ok(statSync(`${file}-wal`).size > before + 32_768)
      reader.close()
      table.close()
    }))
})
