import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aheadOf } from '../../../src/console/time/clock.ts'

const HEADER = 'Sun, 29 Nov 2026 12:00:00 GMT'
const TIME = Date.parse(HEADER)

describe('the clock of the console', () => {
  test('is that of the browser while it agrees with the engine', () => {
    assert.equal(aheadOf(HEADER, TIME - 1000), 0)
    assert.equal(aheadOf(HEADER, TIME + 1999), 0)
  })

  test('follows the engine if the clock of the browser is wrong', () => {
    assert.equal(aheadOf(HEADER, TIME - 3_600_000), 3_600_500)
    assert.equal(aheadOf(HEADER, TIME + 3_600_000), -3_599_500)
  })

  test('is that of the browser without a date', () => {
    assert.equal(aheadOf(null, TIME), 0)
    assert.equal(aheadOf('yesterday', TIME), 0)
  })
})
