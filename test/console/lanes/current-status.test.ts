import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Segment } from '../../../src/console/lanes/lane.ts'
import { currentStatus } from '../../../src/console/lanes/status/current-status.ts'

const segment = (from: number, to: number, status: Segment['status'], changes = 0): Segment => ({
  from,
  to,
  status,
  changes,
  position: undefined,
  message: undefined,
})

const LANE = {
  segments: [
    segment(0, 100, undefined),
    segment(100, 200, 'Pending'),
    segment(200, 300, 'Error', 3),
    segment(300, 400, 'Ready'),
    segment(400, 500, 'Error'),
    segment(500, 600, 'Ready'),
  ],
}

describe('currentStatus', () => {
  test('has the beginning and the end of a status of the past', () =>
    assert.deepEqual(currentStatus(LANE, 450, true, 550), { status: 'Error', from: 400, to: 500 }))

  test('has no end that several changes share', () =>
    assert.deepEqual(currentStatus(LANE, 150, true, 550), { status: 'Pending', from: 100 }))

  test('is unknown where the lane is too coarse', () => {
    for (const time of [250, 350]) assert.equal(currentStatus(LANE, time, true, 550), undefined, String(time))
  })

  test('is unknown before and after the lane', () => {
    for (const time of [50, 700]) assert.equal(currentStatus(LANE, time, true, 900), undefined, String(time))
  })

  test('is that of the present only in a lane that reaches it', () => {
    assert.deepEqual(currentStatus(LANE, 10_000, false, 550), { status: 'Ready', from: 500 })
    assert.equal(currentStatus(LANE, 10_000, false, 5000), undefined)
  })
})
