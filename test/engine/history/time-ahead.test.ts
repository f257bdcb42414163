import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { NO_STREAM } from '../../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { createServer } from '../../../src/server/server.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, deleteListener, updatePort } from '../../support/commands.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

const HOUR_MS = 3_600_000

/** Records something while the clock of the machine is wrong. The engine is stopped. */
const recordAt = async ({ eventFile }: TestEngine, time: Date): Promise<void> => {
  const store = openSqliteEventStore({ file: eventFile, now: () => time })
  const metadata = { schemaVersion: 1, ...ALICE }
  const data = { namespace: 'west', url: 'amqp://router:5672' }
  await store.append('router-west', NO_STREAM, [{ id: randomUUID(), type: 'RouterAttached', data, metadata }])
  await store.close()
}

const aheadOf = async (test: TestEngine): Promise<number> => {
  const server = createServer({ engine: test.engine, logger: silentLogger })
  try {
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const text = await (await fetch(`${url}/metrics`)).text()
    return Number(/^hark_log_time_ahead_seconds (\S+)$/m.exec(text)?.[1])
  } finally {
    await server.close()
  }
}

describe('log time that is ahead of the clock', () => {
  it('logs a warning, sets a metric and leaves no change out of a timeline', async () => {
    const warned: { logTime: string; aheadSeconds: number }[] = []
    const warn = (...args: unknown[]): void => void warned.push(args[0] as never)
    const logger = { ...silentLogger, warn }
    await using test = await TestEngine.start({ logger })
    await test.run(createListener('a'))
    assert.equal(await aheadOf(test), 0)
    assert.deepEqual(warned, [])
    await test.stop()
    const ahead = new Date(Date.now() + HOUR_MS)
    await recordAt(test, ahead)
    await test.startAgain({ logger })
    for (let port = 1; port <= 3; port += 1) await test.run(updatePort('a', port))
    const time = ahead.toISOString()
    assert.equal((await test.log()).at(-1)?.time, time)
    assert.deepEqual(
      warned.map(({ logTime }) => logTime),
      [time],
    )
    await test.run(deleteListener('a'))
    const { intervals } = await test.engine.read.timeline({
      kind: 'Listener',
      namespace: 'west',
      name: 'a',
      type: 'Ready',
      from: { position: 0 },
    })
    assert.equal(intervals.at(-1)?.reason, 'NotFound')
    const seconds = await aheadOf(test)
    assert.ok(seconds > 3000 && seconds <= 3600, `${seconds}`)
    await test.restart({ logger })
    assert.deepEqual(
      warned.map(({ logTime }) => logTime),
      [time, time],
    )
  })
})
