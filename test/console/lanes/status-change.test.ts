import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Segment } from '../../../src/console/lanes/lane.ts'
import { closeEvents } from '../../../src/console/lanes/status/close-events.ts'
import { statusBegunAt, wasReadyBefore } from '../../../src/console/lanes/status/status-change.ts'

const segment = (from: number, position: string, status: Segment['status'], changes = 0): Segment => ({
  from,
  to: from + 10,
  status,
  changes,
  position,
  message: undefined,
})
const LANE = {
  segments: [
    segment(0, '1', undefined),
    segment(10, '2', 'Pending'),
    segment(20, '3', 'Ready'),
    segment(30, '4', 'Error'),
    segment(40, '6', 'Error', 3),
    segment(50, '8', 'Ready'),
  ],
}

describe('statusBegunAt', () => {
  test('returns the status that begins at an event', () => {
    assert.equal(statusBegunAt(LANE, { position: '3', time: 20 }), 'Ready')
    assert.equal(statusBegunAt(LANE, { position: '4', time: 30 }), 'Error')
  })

  test('returns null for an event at which no status begins', () => {
    for (const [position, time] of [
      ['31', 25],
      ['21', 20],
    ] as const)
      assert.equal(statusBegunAt(LANE, { position, time }), null, position)
  })

  test('returns nothing where the lane is too coarse or does not reach as far', () => {
    for (const [position, time] of [
      ['5', 43],
      ['1', 0],
      ['9', 60],
      ['9', 99],
      ['0', -5],
    ] as const)
      assert.equal(statusBegunAt(LANE, { position, time }), undefined, position)
  })
})

test('wasReadyBefore › counts what was Ready before a time', () => {
  assert.equal(wasReadyBefore(LANE, 30), true)
  assert.equal(wasReadyBefore(LANE, 25), false)
})

test('closeEvents › groups events within 2000 ms, the oldest first', () => {
  const times = [5000, 0, 1500, 1998, 5001].map(time => ({ time }))
  assert.deepEqual(
    closeEvents(times).map(group => group.map(({ time }) => time)),
    [[0, 1500], [1998], [5000, 5001]],
  )
})
