import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { MAX_PATCHES } from '../../../src/engine/history/pending-versions.ts'
import { replacedFileOf } from '../../../src/engine/read-models/persistence/database.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { openReadModels, verify } from '../../../src/ops/verify-and-rebuild.ts'
import { createListener, deleteListener, updatePort } from '../../support/commands.ts'
import { TestEngine } from '../../support/test-engine.ts'

const PORTS = [8080, 9090, 9091, 9092]
const FAR = 1_000_000
const UNFINISHED = { code: 'UNAVAILABLE', message: /history of states is still made from the log/ }

/** A stopped engine with a log, and without read models. */
const withLog = async (): Promise<TestEngine> => {
  const test = await TestEngine.start()
  await test.run(createListener('backend'), { commandId: 'first' })
  await test.run(createListener('gone'))
  for (const port of PORTS.slice(1)) await test.run(updatePort('backend', port))
  await test.run(deleteListener('gone'))
  await test.stop()
  test.forgetReadModels()
  return test
}

type Options = NonNullable<Parameters<TestEngine['open']>[0]>

/** Starts on the log as if it were long. */
const startLate = async (test: TestEngine, options: Options = {}): Promise<void> => {
  test.open({ mostNoted: 1, ...options })
  test.store.mostDelivered = 1
  await test.engine.whenReady()
}

const hold = () => {
  const { promise, resolve: release } = Promise.withResolvers<void>()
  return { beforeRebuilding: () => promise, release }
}

const portAt = async ({ engine }: TestEngine, position: number): Promise<number | undefined> =>
  (await (await engine.read.past({ position })).resource('Listener', 'west', 'backend'))?.spec.port

const portsAtAll = async (test: TestEngine): Promise<number[]> => {
  const ports = new Set<number>()
  for (const { position } of await test.log()) ports.add((await portAt(test, position)) ?? 0)
  ports.delete(0)
  return [...ports]
}

const rebuild = async ({ engine }: TestEngine, compares = false): Promise<void> => {
  for (let after: string | undefined; ; ) {
    const { next } = await engine.rebuild.slice({ after, compares })
    if (next === undefined) return
    after = next
  }
}

/** Stops, and checks the read models with every version of every row. */
const assertIntact = async (test: TestEngine): Promise<void> => {
  await test.stop()
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

describe('the history of a long log', () => {
  it('is made once the read models are ready, and is as if it had been noted on the way', async () => {
    await using test = await withLog()
    await startLate(test)
    assert.equal(test.engine.read.resource('Listener', 'west', 'backend')?.spec.port, 9092)
    assert.deepEqual(await portsAtAll(test), PORTS)
    await test.run(updatePort('backend', 9093))
    assert.deepEqual(await portsAtAll(test), [...PORTS, 9093])
    await assertIntact(test)
  })

  it('is noted on the way if the log is short', async () => {
    await using test = await withLog()
    const { beforeRebuilding } = hold()
    await startLate(test, { beforeRebuilding, mostNoted: FAR })
    assert.deepEqual(await portsAtAll(test), PORTS)
    await assertIntact(test)
  })

  it('has queries of the past wait for it, and rejects them with its progress after a while', async () => {
    await using test = await withLog()
    const { beforeRebuilding, release } = hold()
    await startLate(test, { beforeRebuilding, timeoutMs: 50 })
    const { position } = test.engine.status()
    await assert.rejects(portAt(test, position), UNFINISHED)
    await assert.rejects(test.engine.compact({ before: 1, after: 0, isDryRun: false }), {
      code: 'UNAVAILABLE',
      message: /being rebuilt: repeat the compaction/,
    })
    release()
    await test.restart()
    assert.equal(await portAt(test, position), 9092)
    await assertIntact(test)
  })

  it('includes what changes meanwhile, and commands that were executed before', async () => {
    await using test = await withLog()
    const { beforeRebuilding, release } = hold()
    await startLate(test, { beforeRebuilding })
    const more = Array.from({ length: MAX_PATCHES + 2 }, (_, index) => 10_000 + index)
    for (const port of more) await test.run(updatePort('backend', port))
    const again = await test.run(createListener('backend'), { commandId: 'first' })
    assert.equal(again.eventType, 'ListenerCreated')
    const ports = portsAtAll(test)
    release()
    assert.deepEqual(await ports, [...PORTS, ...more])
    await assertIntact(test)
  })

  it('is made by the next engine if one stops or crashes before, from the rows that are there', async () => {
    await using test = await withLog()
    await startLate(test, hold())
    await test.run(updatePort('backend', 9093))
    await test.stop()
    assert.throws(() => openReadModels(test.readModelFile), /has no whole history yet/)
    test.open(hold())
    assert.equal(test.engine.read.resource('Listener', 'west', 'backend')?.spec.port, 9093)
    await test.engine.whenReady()
    await test.run(updatePort('backend', 9094))
    await using crashed = await test.crashed()
    assert.deepEqual(await portsAtAll(crashed), [...PORTS, 9093, 9094])
    await assertIntact(crashed)
    await test.stop()
  })

  it('stays unknown if the file cannot be replaced, until a rebuild succeeds', async () => {
    await using test = await withLog()
    let isBroken = true
    const fail = async (): Promise<void> => {
      if (isBroken) throw new Error('the log cannot be read')
    }
    await startLate(test, { beforeRebuilding: fail, timeoutMs: 50 })
    const { position } = test.engine.status()
    await assert.rejects(portAt(test, position), UNFINISHED)
    isBroken = false
    const taken = replacedFileOf(test.readModelFile)
    writeFileSync(taken, '')
    await assert.rejects(rebuild(test, true), { code: 'UNAVAILABLE' })
    rmSync(taken, { force: true })
    await assert.rejects(portAt(test, position), UNFINISHED)
    await test.run(updatePort('backend', 9093))
    await rebuild(test)
    assert.deepEqual(await portsAtAll(test), [...PORTS, 9093])
    await assertIntact(test)
  })
})
