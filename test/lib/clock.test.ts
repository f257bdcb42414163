import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../../src/lib/clock.ts'

describe('systemClock', () => {
  it('never wakes before the time has passed, although timers of Node.js do', async () => {
    for (const ms of [0.6, 1.9, 2.9, 3.5, 1.7, 2.8, 0.9, 1.99]) {
      const begun = systemClock.now()
      await systemClock.sleep(ms)
      const slept = systemClock.now() - begun
      assert.ok(slept >= ms, `${slept} ms instead of ${ms}`)
    }
  })
})
