import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Segment } from '../../src/console/lanes/lane.ts'
import { durationWords } from '../../src/console/lanes/segment-duration.ts'

const segment = (from: number, to: number): Segment => ({
  from,
  to,
  status: 'Ready',
  changes: 0,
  position: undefined,
  message: undefined,
})

describe('the duration of a status', () => {
  const segments = [segment(0, 2000), segment(2000, 5000), segment(5000, 9000)] as const
  const lane = { segments }

  test('is exact between two changes', () => {
    assert.equal(durationWords(lane, segments[1]), '3.00 s')
  })

  test('is a minimum where the window cuts the status off', () => {
    assert.equal(durationWords(lane, segments[0]), 'at least 2.00 s')
    assert.equal(durationWords(lane, segments[2]), 'at least 4.00 s')
  })
})
