import assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { REFUSALS_STREAM } from '../../../schemas/events/streams.ts'
import { NO_STREAM } from '../../../src/event-store/event-store.ts'
import { event } from '../../contract/event-store/events.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import { TestEngine, until } from '../../support/test-engine.ts'

/** The names of the listeners that readers see. */
const seen = ({ engine }: TestEngine): string[] =>
  engine.read.resources('Listener', {}, { first: 100 }).rows.map(({ row }) => row.name)

describe('read models of another log', () => {
  it('are rebuilt from this one', async () => {
    await using one = await TestEngine.start()
    await using other = await TestEngine.start()
    for (const name of ['a', 'b', 'c']) await one.run(createListener(name))
    await other.run(createListener('d'))
    await one.stop()
    await other.stop()
    await copyFile(one.readModelFile, other.readModelFile)
    await other.startAgain()
    assert.deepEqual(seen(other), ['d'])
    await other.run(createListener('e'))
    const { rows, rebuilt } = await other.rowsAndRebuiltRows()
    assert.deepEqual(rows, rebuilt)
  })

  it('are removed if this one is empty', async () => {
    await using one = await TestEngine.start()
    await using empty = await TestEngine.start()
    await one.run(createListener('a'))
    await one.stop()
    await empty.stop()
    await copyFile(one.readModelFile, empty.readModelFile)
    await empty.startAgain()
    assert.deepEqual(seen(empty), [])
    await empty.run(createListener('b'))
    await empty.restart()
    assert.deepEqual(seen(empty), ['b'])
  })

  it('are kept if this one must not be empty, and the engine stops until the next start', async () => {
    await using one = await TestEngine.start()
    await using empty = await TestEngine.start()
    await one.run(createListener('a'))
    await one.stop()
    await empty.stop()
    await copyFile(one.readModelFile, empty.readModelFile)
    const rows = empty.rowsOnDisk()
    await assert.rejects(empty.startAgain({ knownEvents: 'read-models.db has events' }), { name: 'ReadModelsStopped' })
    assert.match(empty.engine.status().failed ?? '', /the event log is empty, though read-models\.db has events/)
    await assert.rejects(empty.run(createListener('b')), { code: 'UNAVAILABLE' })
    await empty.stop()
    assert.deepEqual(empty.rowsOnDisk(), rows)
  })

  it('are rebuilt if this one is an older copy from a backup', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    await test.stop()
    await copyFile(test.eventFile, `${test.eventFile}.backup`)
    await test.startAgain()
    await test.run(createListener('b'))
    await test.run(updatePort('a', 9090))
    await test.stop()
    await copyFile(`${test.eventFile}.backup`, test.eventFile)
    await test.startAgain()
    assert.deepEqual(seen(test), ['a'])
    assert.equal(test.engine.read.resource('Listener', 'west', 'a')?.spec.port, 8080)
  })
})

describe('an engine whose log has no event of a resource', () => {
  it('restarts without a warning', async () => {
    const warnings: string[] = []
    const logger = { ...silentLogger, warn: (_: unknown, message = _) => void warnings.push(String(message)) }
    await using test = await TestEngine.start()
    await test.store.append(REFUSALS_STREAM, NO_STREAM, [{ ...event(), type: 'CommandRefused' }])
    await until(() => test.engine.status().position > 0)
    await test.restart({ logger })
    assert.deepEqual(warnings, [])
    await test.run(createListener('a'))
    assert.deepEqual(seen(test), ['a'])
  })
})
