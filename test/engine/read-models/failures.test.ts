import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { openReadModels, verify } from '../../../src/ops/verify-and-rebuild.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createConnector, createListener, updateHost, updatePort } from '../../support/commands.ts'
import { ALICE, TestEngine, until } from '../../support/test-engine.ts'

/** Changes a closed database. */
const execute = (file: string, sql: string): void => {
  const database = new DatabaseSync(file)
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

const fillDisk = (table: string, when = 'TRUE'): string =>
  `CREATE TRIGGER full_disk BEFORE INSERT ON ${table} WHEN ${when} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`
const FREE_DISK = 'DROP TRIGGER full_disk'

describe('read models that cannot be persisted', () => {
  it('are served all the same, and projected again after a restart', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.stop()
    execute(test.readModelFile, fillDisk('rows'))
    await test.startAgain()
    await test.run(createListener('b'), { commandId: 'command-1' })
    const { row } = await test.run(updatePort('a', 9090))
    assert.deepEqual(test.engine.read.resource('Listener', 'west', 'a'), row)
    await test.restart()
    assert.deepEqual(test.engine.read.resource('Listener', 'west', 'a'), row)
    await test.stop()
    execute(test.readModelFile, FREE_DISK)
    await test.startAgain()
    const { rows, rebuilt } = await test.rowsAndRebuiltRows()
    assert.deepEqual(rows, rebuilt)
  })

  it('are persisted whole with the next change once the disk works', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.stop()
    execute(test.readModelFile, fillDisk('rows', `NEW.row LIKE '%"port":9090%'`))
    let failures = 0
    const error = (): void => {
      failures += 1
    }
    const logger = { ...silentLogger, error }
    await test.startAgain({ logger })
    await test.run(createListener('b'))
    await test.run(updatePort('a', 9090))
    await until(() => failures > 0)
    await test.run(updatePort('a', 9091))
    const { rows, rebuilt } = await test.rowsAndRebuiltRows()
    assert.deepEqual(rows, rebuilt)
  })

  it('are not persisted in part', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.stop()
    const before = test.rowsOnDisk()
    execute(test.readModelFile, fillDisk('rows', "NEW.model LIKE 'router-config%'"))
    await test.startAgain()
    await test.run(createListener('b'))
    await test.stop()
    assert.deepEqual(test.rowsOnDisk(), before)
  })
})

describe('versions that could not be persisted', () => {
  it('are persisted with the next ones, also after a rollback by SQLite', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.stop()
    // As on a full disk: the whole of the transaction is gone.
    execute(
      test.readModelFile,
      `CREATE TRIGGER full_disk BEFORE INSERT ON models WHEN NEW.versions_to BETWEEN 3 AND 4
       BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END`,
    )
    await test.startAgain()
    const { position } = await test.run(createListener('b'))
    assert.equal(position, 4)
    const then = await test.engine.read.past({ position })
    await assert.rejects(then.resource('Listener', 'west', 'b'), { code: 'UNAVAILABLE' })
    await test.run(createListener('c'))
    assert.equal((await then.resource('Listener', 'west', 'b'))?.name, 'b')
    await test.stop()
    execute(test.readModelFile, 'DROP TRIGGER full_disk')
    const models = openReadModels(test.readModelFile)
    const store = openSqliteEventStore({ file: test.eventFile })
    const options = { onProgress: () => undefined, signal: new AbortController().signal }
    const { findings } = await verify(store, models, options).finally(() => store.close())
    models?.close()
    assert.deepEqual(findings, [])
  })
})

describe('an event store that cannot write', () => {
  it('rejects commands with UNAVAILABLE, and accepts them once it can write', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.stop()
    execute(test.eventFile, fillDisk('events'))
    await test.startAgain()
    const before = await test.log()
    const commands = [updatePort('a', 9090), createListener('b'), createConnector('a')]
    for (const command of commands) {
      await assert.rejects(test.engine.execute(command, { caller: ALICE }), { code: 'UNAVAILABLE' })
    }
    assert.deepEqual(await test.log(), before)
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.port, 8080)
    await test.stop()
    execute(test.eventFile, FREE_DISK)
    await test.startAgain()
    for (const command of commands) await test.engine.execute(command, { caller: ALICE })
  })
})

describe('an event store that does not respond', () => {
  it('rejects commands and histories with UNAVAILABLE, and serves the read models', async () => {
    await using test = await TestEngine.start()
    const { row } = await test.run(createListener('a'))
    test.store.isDown = true
    const unavailable = { code: 'UNAVAILABLE' }
    await assert.rejects(test.run(updatePort('a', 9090)), unavailable)
    await assert.rejects(test.run(createListener('b')), unavailable)
    await assert.rejects(test.run(updateHost('a', 'shop')), unavailable)
    await assert.rejects(test.engine.read.events({}, { first: 1 }), unavailable)
    await assert.rejects(test.engine.read.history('Listener', 'west', 'a', { first: 1 }), unavailable)
    assert.deepEqual(test.engine.read.resource('Listener', 'west', 'a'), row)
    test.store.isDown = false
    await test.run(updatePort('a', 9090))
  })

  it('is awaited by an engine that starts', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.stop()
    test.open()
    test.store.isDown = true
    assert.deepEqual([test.engine.status().ready, test.engine.status().live], [false, false])
    assert.ok(test.engine.read.resource('Listener', 'west', 'a'))
    test.store.isDown = false
    await test.engine.whenReady()
    assert.equal(test.engine.status().live, true)
  })
})

describe('an event store that does not deliver an appended event', () => {
  it('rejects the command with UNAVAILABLE, and returns its result to a retry after the delivery', async () => {
    await using test = await TestEngine.start({ timeoutMs: 2000 })
    const delivery = Promise.withResolvers<void>()
    test.store.beforeDelivery = () => delivery.promise
    await assert.rejects(test.run(createListener('a'), { commandId: 'command-1' }), {
      code: 'UNAVAILABLE',
      message: /does not deliver/,
    })
    delivery.resolve()
    await until(() => test.engine.read.resource('Listener', 'west', 'a') !== undefined)
    const { row } = await test.run(createListener('a'), { commandId: 'command-1' })
    assert.deepEqual(row, test.engine.read.resource('Listener', 'west', 'a'))
    assert.deepEqual(await test.story('listener-west.a'), ['ListenerCreated'])
  })
})
