import assert from 'node:assert/strict'
import { closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { endpointClaims } from '../../../projections/endpoint-claims.ts'
import { listenerStatus } from '../../../projections/listener-status.ts'
import { BEGINNING } from '../../../schemas/events/recorded-event.ts'
import { PROJECTIONS } from '../../../src/engine/read-models/projections.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createConnector, createListener, updatePort } from '../../support/commands.ts'
import { TestEngine, until } from '../../support/test-engine.ts'

const change = (file: string, sql: string): void => {
  const database = new DatabaseSync(file)
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

const PAGE_BYTES = 4096

/** Nonsense over every page but the first, which names the tables. */
const overwritePages = (file: string): void => {
  const handle = openSync(file, 'r+')
  for (let at = PAGE_BYTES; at < statSync(file).size; at += PAGE_BYTES)
    writeSync(handle, Buffer.alloc(PAGE_BYTES, 0xff), 0, PAGE_BYTES, at)
  closeSync(handle)
}

/** Stopped, after a few changes. */
const stopped = async (): Promise<TestEngine> => {
  const test = await TestEngine.start()
  for (const name of ['a', 'b']) await test.run(createListener(name))
  await test.run(createConnector('a'))
  await test.run(updatePort('a', 9090))
  await test.stop()
  return test
}

const DAMAGES: Readonly<Record<string, (file: string) => void>> = {
  'a row that is cut off': file => change(file, `UPDATE rows SET row = '{"namespace' WHERE "table" = 'listeners'`),
  'a row that is not an object': file => change(file, `UPDATE rows SET row = 'null' WHERE "table" = 'connectors'`),
  'a row without what it is found by': file => change(file, `UPDATE rows SET row = '{}' WHERE "table" = 'listeners'`),
  'a table that is missing': file => change(file, 'DROP TABLE last_events'),
  'a column that is missing': file => change(file, 'ALTER TABLE versions DROP COLUMN body'),
  'a page of nonsense': overwritePages,
  'a file of nonsense': file => writeFileSync(file, Buffer.alloc(3 * PAGE_BYTES, 0xff)),
  'half of its file': file => {
    const handle = openSync(file, 'r+')
    writeSync(handle, Buffer.alloc(100, 0), 0, 100, 0)
    closeSync(handle)
  },
}

describe('damaged read models with', () => {
  for (const [what, damage] of Object.entries(DAMAGES)) {
    it(`${what} are rebuilt at the start, with a warning`, async () => {
      await using test = await stopped()
      const rows = test.rowsOnDisk()
      damage(test.readModelFile)
      const warned: string[] = []
      const warn = (...args: unknown[]): void => void warned.push(String(args.at(-1)))
      await test.startAgain({ logger: { ...silentLogger, warn } })
      assert.deepEqual(warned, ['the read models are corrupted: rebuilding them from the log'])
      assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.port, 9090)
      const first = await test.engine.read.past({ position: 3 })
      assert.equal((await first.resource('Listener', 'west', 'a'))?.spec.port, 8080)
      await test.stop()
      assert.deepEqual(test.rowsOnDisk(), rows)
    })
  }

  it('unreadable versions are rebuilt at the next start', async () => {
    await using test = await stopped()
    change(test.readModelFile, "UPDATE versions SET body = '{'")
    const fatal: object[] = []
    await test.startAgain({ logger: { ...silentLogger, fatal: details => void fatal.push(details) } })
    const { position } = await test.run(updatePort('a', 9091))
    const then = await test.engine.read.past({ position })
    await assert.rejects(then.resource('Listener', 'west', 'a'))
    await until(() => test.engine.status().failed !== undefined)
    assert.match(test.engine.status().failed ?? '', /read-models\.db is damaged: the next start rebuilds it/)
    assert.equal(fatal.length, 1)
    await test.restart()
    const again = await test.engine.read.past({ position })
    assert.equal((await again.resource('Listener', 'west', 'a'))?.spec.port, 9091)
  })
})

describe('read models of an older layout', () => {
  it('are rebuilt at the start, with a warning', async () => {
    await using test = await stopped()
    const rows = test.rowsOnDisk()
    change(test.readModelFile, 'DROP TABLE versions; CREATE TABLE versions (block BLOB); PRAGMA user_version = 3')
    const warned: string[] = []
    const warn = (...args: unknown[]): void => void warned.push(String(args.at(-1)))
    await test.startAgain({ logger: { ...silentLogger, warn } })
    assert.deepEqual(warned, ['the read models have an older layout: rebuilding them from the log'])
    const first = await test.engine.read.past({ position: 3 })
    assert.equal((await first.resource('Listener', 'west', 'a'))?.spec.port, 8080)
    await test.stop()
    assert.deepEqual(test.rowsOnDisk(), rows)
  })
})

describe('read models that stop within an event', () => {
  it('are not persisted, and the next start continues before it', async () => {
    await using test = await stopped()
    const rows = test.rowsOnDisk()
    const failing = {
      ...endpointClaims,
      project: (state, event) => {
        if (event.type === 'PortUpdated') throw new Error('a fault that was injected')
        return endpointClaims.project(state, event)
      },
    } satisfies typeof endpointClaims
    await test.startAgain({ projections: { ...PROJECTIONS, endpointClaims: failing } })
    await assert.rejects(test.run(updatePort('a', 9091)), { code: 'UNAVAILABLE' })
    await test.stop()
    assert.deepEqual(test.rowsOnDisk(), rows)
    await test.startAgain()
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.port, 9091)
  })
})

describe('read models of an older version during a rebuild', () => {
  it('are not used for decisions', async () => {
    await using test = await TestEngine.start({ projections: { ...PROJECTIONS, listenerStatus: wrongAboutPorts } })
    await test.run(createListener('a'))
    await test.stop()
    test.open()
    const released = Promise.withResolvers<void>()
    test.store.beforeDelivery = ({ after }) => (after === BEGINNING ? released.promise : undefined)
    await test.engine.whenReady()
    assert.deepEqual(test.engine.status().rebuilding, ['listener-status'])
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.port, WRONG_PORT)
    await test.run(updatePort('a', WRONG_PORT))
    assert.deepEqual(await test.story('listener-west.a'), ['ListenerCreated', 'PortUpdated'])
    released.resolve()
    await until(() => test.engine.status().rebuilding.length === 0)
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.generation, 2)
  })
})

const WRONG_PORT = 7000

/** Like an older version: its rows differ from the stream. */
const wrongAboutPorts: typeof listenerStatus = {
  ...listenerStatus,
  version: listenerStatus.version - 1,
  project: (state, event) =>
    listenerStatus.project(
      state,
      event.type === 'ListenerCreated'
        ? { ...event, data: { ...event.data, spec: { ...event.data.spec, port: WRONG_PORT } } }
        : event,
    ),
}
