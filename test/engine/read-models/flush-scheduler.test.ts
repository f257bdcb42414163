import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { FlushScheduler } from '../../../src/engine/read-models/flush-scheduler.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'

const STEP_MS = 50

/** The times of writes, in a time that passes in steps, with events in each step until the last of them. */
const writesOf = async (
  t: TestContext,
  { lastEventMs = 0, untilMs, unwrittenRows = 1 }: { lastEventMs?: number; untilMs: number; unwrittenRows?: number },
): Promise<readonly number[]> => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const writes: number[] = []
  const models = {
    pendingHistoryBytes: 0,
    unwrittenRows,
    write: async () => void writes.push(now),
    writeVersions: async () => {},
  }
  const flushes = new FlushScheduler(models, silentLogger, () => now)
  while (now < untilMs) {
    if (now <= lastEventMs) flushes.schedule()
    now += STEP_MS
    t.mock.timers.tick(STEP_MS)
    await Promise.resolve()
  }
  flushes.stop()
  return writes
}

describe('FlushScheduler', () => {
  it('writes once, five seconds after a change', async t => {
    assert.deepEqual(await writesOf(t, { untilMs: 30_000 }), [5000])
  })

  it('waits until no event has come for a moment', async t => {
    assert.deepEqual(await writesOf(t, { lastEventMs: 8000, untilMs: 12_000 }), [8200])
  })

  it('writes while events come, but no more often than each twenty seconds', async t => {
    assert.deepEqual(await writesOf(t, { lastEventMs: 45_000, untilMs: 45_000 }), [20_000, 40_000])
  })

  it('writes after five seconds if many rows wait', async t => {
    assert.deepEqual(await writesOf(t, { lastEventMs: 6000, untilMs: 6000, unwrittenRows: 50_000 }), [5000])
  })
})
