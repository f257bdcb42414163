import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Segment } from '../../../src/console/lanes/lane.ts'
import { statusChangeAt } from '../../../src/console/lanes/status/status-change.ts'

const segment = (position: string, status: Segment['status'], changes = 0): Segment => ({
  from: 0,
  to: 0,
  status,
  changes,
  position,
  message: undefined,
})
const LANE = {
  segments: [
    segment('1', undefined),
    segment('2', 'Pending'),
    segment('3', 'Ready'),
    segment('4', 'Error'),
    segment('5', 'Ready'),
    segment('6', 'Error', 3),
  ],
}

describe('statusChangeAt', () => {
  test('returns the status that begins at an event', () => {
    assert.deepEqual(statusChangeAt(LANE, '3'), { status: 'Ready', isReadyAgain: false })
    assert.deepEqual(statusChangeAt(LANE, '4'), { status: 'Error', isReadyAgain: false })
  })

  test('states that the resource is Ready again', () =>
    assert.deepEqual(statusChangeAt(LANE, '5'), { status: 'Ready', isReadyAgain: true }))

  test('returns nothing for an event at which no status begins', () => {
    for (const position of ['1', '6', '7']) assert.equal(statusChangeAt(LANE, position), undefined, position)
  })
})
