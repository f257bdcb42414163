import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Segment } from '../../../src/console/lanes/lane.ts'
import { outageInWindow } from '../../../src/console/lanes/status/outage-in-window.ts'

const segment = (from: number, to: number, status: Segment['status'], changes = 0): Segment => ({
  from,
  to,
  status,
  changes,
  position: undefined,
  message: undefined,
})

describe('outageInWindow', () => {
  const lane = {
    notReadyMs: 1160,
    segments: [segment(0, 1000, 'Ready'), segment(1000, 2160, 'Error'), segment(2160, 3000, 'Ready')],
  }

  test('is no longer than the window', () => {
    assert.deepEqual(outageInWindow(lane, { from: 1200, to: 1975 }), { ms: 775, isAtLeast: false })
    assert.deepEqual(outageInWindow(lane, { from: 500, to: 1500 }), { ms: 500, isAtLeast: false })
  })

  test('includes the whole of a window that has all of it', () =>
    assert.deepEqual(outageInWindow(lane, { from: 500, to: 2500 }), { ms: 1160, isAtLeast: false }))

  test('is nothing in a window that is Ready', () =>
    assert.deepEqual(outageInWindow(lane, { from: 2200, to: 2500 }), { ms: 0, isAtLeast: false }))

  test('is a least time where several changes share a segment at the edge', () => {
    const coarse = { notReadyMs: 900, segments: [segment(0, 400, 'Error', 3), segment(400, 1100, 'Error')] }
    assert.deepEqual(outageInWindow(coarse, { from: 300, to: 1100 }), { ms: 600, isAtLeast: true })
  })
})
