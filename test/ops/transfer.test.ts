import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { ANY, EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import type { HarkEvent } from '../../schemas/events/events.ts'
import { decorateStore } from '../../src/event-store/decorate-store.ts'
import type { EventStore } from '../../src/event-store/event-store.ts'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { exportLog } from '../../src/ops/transfer/export-log.ts'
import { importLog } from '../../src/ops/transfer/import-log.ts'
import { all } from '../contract/event-store/events.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import fc, { runs } from '../support/fast-check.ts'
import { anyLog } from '../support/projections/arbitrary-log.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const inMemory = (): EventStore => openSqliteEventStore({ file: ':memory:' })

const filled = async (store: EventStore, log: readonly HarkEvent[]): Promise<EventStore> => {
  // What comes together is written in its order.
  await Promise.all(
    log.map(({ stream, revision, id, type, data, metadata }) =>
      store.append(stream, revision - 1, [{ id, type, data, metadata }]),
    ),
  )
  return store
}

/** All of a log but positions: those are the store's own. */
const contents = async (store: EventStore) => (await all(store.readAll())).map(({ position: _, ...event }) => event)

const [LOG = []] = fc.sample(anyLog, { numRuns: 200, seed: 11 }).toSorted((a, b) => b.length - a.length)

/** Long enough for a stream to continue after events of others. */
const shortLog = anyLog.map(log => log.slice(0, 25))

describe('exportLog and importLog', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  let file: string
  before(async () => {
    folder = await scratchFolder()
    file = join(folder.path, 'log.jsonl')
  })
  after(() => folder[Symbol.asyncDispose]())

  /** Exports a store to an empty file. */
  const exported = async (store: EventStore): Promise<string> => {
    writeFileSync(file, '')
    await exportLog(store, file)
    return readFileSync(file, 'utf8')
  }

  it('keep the order of the log in a shared store whose appends finish out of order', async () => {
    const [from, to] = [await filled(inMemory(), LOG), inMemory()]
    const bytes = await exported(from)
    let turns = 40
    const shared: EventStore = {
      ...decorateStore(to, {
        append: async (...append) => {
          // Each append finishes sooner than the previous one.
          for (let left = turns--; left > 0; left -= 1) await setImmediate()
          return to.append(...append)
        },
      }),
      isShared: true,
    }
    await importLog(file, shared)
    assert.equal(await exported(shared), bytes)
    await Promise.all([from.close(), to.close()])
  })

  it('resume an interrupted import, with the same events and the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(shortLog, fc.nat(30), async (log, lines) => {
        const [from, to] = [await filled(inMemory(), log), inMemory()]
        try {
          const bytes = await exported(from)
          assert.equal(bytes.split('\n').length - 1, log.length)
          writeFileSync(
            file,
            bytes
              .split('\n')
              .slice(0, lines)
              .join('\n')
              .concat(lines > 0 && lines <= log.length ? '\n' : ''),
          )
          await importLog(file, to)
          writeFileSync(file, bytes)
          assert.equal((await importLog(file, to)).events, log.length)
          assert.deepEqual(await contents(to), await contents(from))
          assert.equal(await exported(to), bytes)
        } finally {
          await Promise.all([from.close(), to.close()])
        }
      }),
      runs(200),
    )
  })

  it('leave a file that holds something else as it was', async () => {
    const from = await filled(inMemory(), LOG)
    const first = (await exported(from)).split('\n')[0] as string
    for (const text of ['notes', 'notes\nand more', `${first}x`, `x${first}`]) {
      writeFileSync(file, text)
      await assert.rejects(exportLog(from, file))
      assert.equal(readFileSync(file, 'utf8'), text)
    }
    writeFileSync(file, first.slice(0, 9))
    await exportLog(from, file)
    assert.equal(readFileSync(file, 'utf8'), await exported(from))
    await from.close()
  })

  it('transfer a log from SQLite to EventStoreDB and back', async () => {
    await using double = await new FakeEventStoreDb().start()
    const [from, back] = [await filled(inMemory(), LOG), inMemory()]
    const server = openEventStoreDb({ connectionString: double.connectionString, onLoss: () => {} })
    try {
      const bytes = await exported(from)
      await importLog(file, server)
      assert.deepEqual(await contents(server), await contents(from))
      assert.equal(await exported(server), bytes)
      await importLog(file, back)
      assert.deepEqual(await contents(back), await contents(from))
    } finally {
      await Promise.all([from.close(), server.close(), back.close()])
    }
  })

  it('ignore streams of other applications on EventStoreDB', async () => {
    await using double = await new FakeEventStoreDb().start()
    const client = EventStoreDBClient.connectionString(double.connectionString)
    const [from, server] = [
      await filled(inMemory(), LOG),
      openEventStoreDb({ connectionString: double.connectionString }),
    ]
    const order = () =>
      client.appendToStream('orders-1', jsonEvent({ type: 'OrderPlaced', data: { total: 7 } }), {
        expectedRevision: ANY,
      })
    try {
      const bytes = await exported(from)
      await order()
      await importLog(file, server)
      await order()
      assert.equal(await exported(server), bytes)
      assert.deepEqual(await importLog(file, server), { events: LOG.length, added: 0 })
    } finally {
      await Promise.all([from.close(), server.close(), client.dispose()])
    }
  })

  it('append missing events to a file that ends in an incomplete line', async () => {
    const from = await filled(inMemory(), LOG.slice(0, -3))
    const first = await exported(from)
    await truncate(file, Buffer.byteLength(first) - 10)
    await filled(from, LOG.slice(-3))
    assert.equal(await exportLog(from, file), LOG.length)
    const whole = await readFile(file, 'utf8')
    assert.equal(await exported(from), whole)
    await from.close()
  })

  it('reject a store or a file that holds another log', async () => {
    const from = await filled(inMemory(), LOG)
    const other = inMemory()
    const [first] = LOG
    assert.ok(first !== undefined)
    await other.append(first.stream, -1, [{ ...first, id: crypto.randomUUID() }])
    await exported(from)
    await assert.rejects(importLog(file, other), /line 1 differs from the event in the store/)
    await assert.rejects(exportLog(other, file), /holds another log/)
    await Promise.all([from.close(), other.close()])
  })

  for (const [damage, words, spoil] of [
    [
      'a lone surrogate',
      /^line 2 contains a string that is not well-formed Unicode/,
      (lines: string[]) => lines.with(1, (lines[1] as string).replace('"data":{', '"data":{"x":"\\ud801",')),
    ],
    ['a line that is not JSON', /^line 2 is not JSON/, (lines: string[]) => lines.with(1, '{')],
    [
      'a line that is not an event',
      /^line 2 is not an event: revision/,
      (lines: string[]) => lines.with(1, '{"stream":"a"}'),
    ],
    [
      'a missing line',
      /^line 5 is revision 5 of listener-west.a instead of 4: an earlier line is missing$/,
      (lines: string[]) => lines.toSpliced(lines.length - 3, 1),
    ],
  ] as const) {
    it(`reject a file at ${damage}, after importing the lines before it`, async () => {
      const [from, to] = [inMemory(), inMemory()]
      // One stream, so that every line follows the one before.
      for (let revision = 0; revision < 6; revision += 1) {
        const [event] = LOG
        assert.ok(event !== undefined)
        const { type, data, metadata } = event
        await from.append('listener-west.a', revision - 1, [{ id: crypto.randomUUID(), type, data, metadata }])
      }
      const lines = (await exported(from)).split('\n')
      await writeFile(file, spoil(lines).join('\n'))
      await assert.rejects(importLog(file, to), { message: words })
      for (const event of await contents(to)) assert.ok(lines.includes(JSON.stringify(event)), JSON.stringify(event))
      await Promise.all([from.close(), to.close()])
    })
  }

  it('reject a truncated file after importing its complete lines', async () => {
    const [from, to] = [await filled(inMemory(), LOG), inMemory()]
    await exported(from)
    await appendFile(file, '{"stream"')
    await assert.rejects(importLog(file, to), /truncated after line/)
    assert.equal((await contents(to)).length, LOG.length)
    await Promise.all([from.close(), to.close()])
  })
})
