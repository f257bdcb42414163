import assert from 'node:assert/strict'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { MAINTENANCE_STREAM } from '../../../schemas/events/streams.ts'
import type { Caller } from '../../../src/engine/commands/types.ts'
import { MAX_PATCHES } from '../../../src/engine/history/pending-versions.ts'
import { freshFileOf, replacedFileOf } from '../../../src/engine/read-models/persistence/database.ts'
import type { RebuildSlice } from '../../../src/engine/rebuild/types.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { openReadModels, verify } from '../../../src/ops/verify-and-rebuild.ts'
import { all } from '../../contract/event-store/events.ts'
import { createListener, deleteListener, updatePort } from '../../support/commands.ts'
import { ALICE, TestEngine, until } from '../../support/test-engine.ts'

interface Options {
  readonly compares?: boolean
  readonly caller?: Caller
  readonly between?: (slice: RebuildSlice) => unknown
}

/** Returns the last slice. */
const rebuild = async (
  { engine }: TestEngine,
  { compares = false, caller, between = () => undefined }: Options = {},
): Promise<RebuildSlice> => {
  for (let after: string | undefined; ; ) {
    const slice = await engine.rebuild.slice({ after, compares, ...(caller && { caller }) })
    if (slice.next === undefined) return slice
    after = slice.next
    await between(slice)
  }
}

const maintenanceIn = async ({ store }: TestEngine): Promise<readonly unknown[]> =>
  (await all(store.readStream(MAINTENANCE_STREAM))).map(({ metadata, type, data }) => [metadata.actor, type, data])

const portAt = async ({ engine }: TestEngine, position: number, name = 'backend'): Promise<number | undefined> => {
  const view = await engine.read.past({ position })
  return (await view.resource('Listener', 'west', name))?.spec.port
}

const leftovers = ({ readModelFile: file }: TestEngine): readonly string[] =>
  [freshFileOf(file), replacedFileOf(file)]
    .flatMap(left => [left, `${left}-journal`, `${left}-wal`])
    .filter(left => existsSync(left))

/** Stops, and checks the read models with every version of every row. */
const assertIntact = async (test: TestEngine): Promise<void> => {
  await test.stop()
  assert.deepEqual(leftovers(test), [])
  const store = openSqliteEventStore({ file: test.eventFile, access: 'read' })
  const models = openReadModels(test.readModelFile)
  try {
    const { findings } = await verify(store, models, { onProgress: () => {}, signal: new AbortController().signal })
    assert.deepEqual(findings, [])
  } finally {
    models?.close()
    await store.close()
  }
}

/** Changes the file of a stopped engine. */
const tamper = async (test: TestEngine, sql: string): Promise<void> => {
  await test.stop()
  const database = new DatabaseSync(test.readModelFile)
  assert.ok(database.prepare(sql).run().changes > 0)
  database.close()
  await test.startAgain()
}

const LISTENER = "key = 'listener-west.backend'"
const WRONG_ROW = `UPDATE rows SET row = replace(row, '8080', '8081') WHERE "table" = 'listeners' AND ${LISTENER}`
const WRONG_VERSION = `UPDATE versions SET body = replace(body, '8080', '8081')
  WHERE kind = 0 AND key IN (SELECT id FROM version_keys WHERE ${LISTENER} AND scope GLOB 'listener-status@*/listeners')`

describe('a rebuild in a running engine', () => {
  it('replaces the file while a subscription continues, and answers for the past as before', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    await test.run(updatePort('backend', 9090))
    const watch = test.engine.watch
      .resource('Listener', 'west', 'backend', new AbortController().signal)
      [Symbol.asyncIterator]()
    assert.equal((await watch.next()).value.row.spec.port, 9090)
    const { ino } = statSync(test.readModelFile)
    const { position: last } = test.engine.status()
    const { differences, replacedAt } = await rebuild(test, {
      between: async () => assert.equal(await portAt(test, position), 8080),
    })
    assert.deepEqual(differences, [])
    assert.equal(replacedAt, last)
    assert.notEqual(statSync(test.readModelFile).ino, ino)
    assert.equal(await portAt(test, position), 8080)
    await test.run(updatePort('backend', 9091))
    assert.equal((await watch.next()).value.row.spec.port, 9091)
    await assertIntact(test)
  })

  it('includes what changes while it runs, and what follows', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    await test.run(createListener('gone'))
    let port = 1
    const change = async (): Promise<void> => {
      for (let count = 0; count < 5; count += 1) {
        port += 1
        await test.run(updatePort('backend', port))
      }
    }
    await change()
    await rebuild(test, { between: change })
    await test.run(deleteListener('gone'))
    await change()
    assert.equal(await portAt(test, position), 8080)
    assert.equal(await portAt(test, test.engine.status().position), port)
    await assertIntact(test)
  })

  it('limits patches on a version, which the old file has at other versions', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    const change = async (from: number, count: number): Promise<void> => {
      for (let port = from; port < from + count; port += 1) await test.run(updatePort('backend', port))
    }
    await change(1, MAX_PATCHES - 1)
    // The first version after a start is whole.
    await test.restart()
    await change(101, 1)
    await rebuild(test)
    await change(201, MAX_PATCHES - 1)
    assert.equal(await portAt(test, test.engine.status().position), 200 + MAX_PATCHES - 1)
    await assertIntact(test)
  })

  it('takes changes of the moment in which it replaces the file', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    const rebuilt = new AbortController()
    const changing = (async () => {
      for (let port = 1; !rebuilt.signal.aborted; port += 1) await test.run(updatePort('backend', port))
    })()
    await rebuild(test)
    rebuilt.abort()
    await changing
    await assertIntact(test)
  })

  it('brings a compacted history back', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    await test.run(updatePort('backend', 9090))
    const last = Date.parse(test.engine.read.head().time)
    await until(() => Date.now() > last + 1)
    await test.engine.compact({ before: last + 1, after: 0, isDryRun: false })
    await assert.rejects(portAt(test, position), /was removed by a compaction/)
    await rebuild(test)
    assert.equal(await portAt(test, position), 8080)
    await test.restart()
    assert.equal(await portAt(test, position), 8080)
    await assertIntact(test)
  })

  it('finds rows in memory that do not follow from the log, replaces them, and ends subscriptions', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    await test.run(createListener('other'))
    await tamper(test, WRONG_ROW)
    await tamper(test, `DELETE FROM rows WHERE "table" = 'listeners' AND key = 'listener-west.other'`)
    const portOf = (name: string) => test.engine.read.resource('Listener', 'west', name)?.spec.port
    assert.deepEqual([portOf('backend'), portOf('other')], [8081, undefined])
    const watch = test.engine.watch
      .resource('Listener', 'west', 'backend', new AbortController().signal)
      [Symbol.asyncIterator]()
    assert.equal((await watch.next()).value.row.spec.port, 8081)
    const { differences, differenceCount } = await rebuild(test)
    const found = differences.map(({ place, fault }) => `${place.replace(/@\d+/, '')}: ${fault}`)
    assert.ok(
      found.includes('listener-status listeners listener-west.backend: the row in memory does not follow from the log'),
      found.join('\n'),
    )
    assert.ok(found.includes('listener-status listeners listener-west.other: the row is missing in memory'))
    assert.equal(differenceCount, found.length)
    assert.deepEqual([portOf('backend'), portOf('other')], [8080, 8080])
    await assert.rejects(watch.next(), { code: 'UNAVAILABLE', message: /subscribe again/ })
    await test.run(updatePort('backend', 9090))
    assert.equal(portOf('backend'), 9090)
    await assertIntact(test)
  })

  it('reports a compacted history as removed if a file cannot be replaced after its rows', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    await test.run(updatePort('backend', 9090))
    const last = Date.parse(test.engine.read.head().time)
    await until(() => Date.now() > last + 1)
    await test.engine.compact({ before: last + 1, after: 0, isDryRun: false })
    await tamper(test, WRONG_ROW.replace('8080', '9090'))
    const taken = replacedFileOf(test.readModelFile)
    await assert.rejects(rebuild(test, { compares: true, between: () => writeFileSync(taken, '') }), {
      code: 'UNAVAILABLE',
    })
    await assert.rejects(portAt(test, position), /was removed by a compaction/)
    await rebuild(test)
    assert.equal(await portAt(test, position), 8080)
    await assertIntact(test)
  })

  it('compares the replaced file with the log, with its history', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    await test.run(updatePort('backend', 9090))
    assert.deepEqual((await rebuild(test, { compares: true })).differences, [])
    await tamper(test, WRONG_VERSION)
    assert.equal(await portAt(test, position), 8081)
    const { differences } = await rebuild(test, { compares: true })
    assert.match(
      differences.map(({ place, fault }) => `${place}: ${fault}`).join('\n'),
      /^listener-status@\d+\/listeners listener-west\.backend: its history does not follow from the log$/m,
    )
    assert.equal(await portAt(test, position), 8080)
    await assertIntact(test)
  })

  it('rejects another rebuild and a compaction while it runs, and an id that is not its own', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    const { next } = await test.engine.rebuild.slice({ compares: false })
    await assert.rejects(test.engine.rebuild.slice({ compares: false }), {
      code: 'CONFLICT',
      message: /being rebuilt already/,
    })
    await assert.rejects(test.engine.compact({ before: 1, after: 0, isDryRun: false }), {
      code: 'UNAVAILABLE',
      message: /being rebuilt: repeat the compaction/,
    })
    await assert.rejects(test.engine.rebuild.slice({ after: 'other', compares: false }), { code: 'BAD_USER_INPUT' })
    await assert.rejects(test.engine.rebuild.cancel('other'), { code: 'BAD_USER_INPUT' })
    const answers = [1, 2].map(() => test.engine.rebuild.slice({ after: next, compares: false }))
    const [one, other] = await Promise.allSettled(answers)
    assert.equal(one?.status, 'fulfilled')
    assert.match(String(other?.status === 'rejected' && other.reason), /another request for this rebuild/)
  })

  it('ends when it is cancelled, and leaves the read models as they are', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    const { ino } = statSync(test.readModelFile)
    const { next } = await test.engine.rebuild.slice({ compares: false })
    await test.engine.rebuild.cancel(next)
    assert.deepEqual(leftovers(test), [])
    await test.engine.rebuild.cancel()
    assert.equal(statSync(test.readModelFile).ino, ino)
    await rebuild(test)
    await assertIntact(test)
  })

  it('is recorded with who began it once the read models are replaced, and shown while it runs', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    const caller = { ...ALICE, actor: 'bob' }
    const { next } = await test.engine.rebuild.slice({ compares: true, caller })
    const { startedAt, ...progress } = test.engine.rebuild.progress ?? assert.fail()
    assert.deepEqual(progress, { stage: 'comparing', actor: 'bob', done: position, total: position })
    assert.equal(new Date(startedAt).toISOString(), startedAt)
    await test.engine.rebuild.cancel(next)
    assert.equal(test.engine.rebuild.progress, undefined)
    assert.deepEqual(await maintenanceIn(test), [])
    await rebuild(test, { compares: true, caller })
    await rebuild(test)
    assert.deepEqual(await maintenanceIn(test), [
      ['bob', 'ReadModelsRebuilt', { position, compared: true, differences: 0 }],
    ])
  })

  it('is recorded as not compared if it ends after the read models were replaced', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    for (let after: string | undefined; ; ) {
      const slice = await test.engine.rebuild.slice({ after, compares: true, caller: ALICE })
      after = slice.next
      if (slice.replacedAt !== undefined) break
    }
    await test.engine.rebuild.cancel()
    assert.deepEqual(await maintenanceIn(test), [
      ['alice', 'ReadModelsRebuilt', { position, compared: false, differences: 0 }],
    ])
  })

  it('ends with the engine', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    await test.engine.rebuild.slice({ compares: false })
    await assertIntact(test)
  })

  it('has what a crash left of it removed by the next start', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('backend'))
    await test.stop()
    for (const left of [freshFileOf(test.readModelFile), replacedFileOf(test.readModelFile)])
      for (const part of ['', '-journal', '-wal']) writeFileSync(`${left}${part}`, 'left by a crash')
    await test.startAgain()
    assert.deepEqual(leftovers(test), [])
    await assertIntact(test)
  })
})
