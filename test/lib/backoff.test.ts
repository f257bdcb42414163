import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { backoffMs } from '../../src/lib/backoff.ts'

const BACKOFF = { firstMs: 250, longestMs: 2000 }

describe('backoffMs', () => {
  it('doubles with each failure up to the longest pause', () => {
    const pauses = [0, 1, 2, 3, 4, 100, 2000].map(failures => backoffMs(failures, BACKOFF, () => 0))
    assert.deepEqual(pauses, [250, 500, 1000, 2000, 2000, 2000, 2000])
  })

  it('takes off up to half at random', () => {
    const pauses = [0.5, 1].map(random => backoffMs(3, BACKOFF, () => random))
    assert.deepEqual(pauses, [1500, 1000])
  })
})
