import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { AnotherLog, NO_STREAM, StoreInUse, StoreUnavailable } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { all, event, events, upTo } from '../contract/event-store/events.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { execute, withFile, withStore } from './sqlite-file.ts'

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
