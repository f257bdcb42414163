import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { drawnMarks } from '../../../src/console/lanes/drawing/draw-marks.ts'
import type { Mark } from '../../../src/console/lanes/lane.ts'

const WINDOW = { from: 0, to: 1000 }

const mark = (time: number, type = 'ListenerOpened', count = 1): Mark => ({ time, type, count, position: 0 })

describe('marks of a lane', () => {
  test('are drawn where their events are, unless they are out of view', () => {
    assert.deepEqual(drawnMarks([mark(-500), mark(100), mark(500, 'ListenerOpened', 2), mark(1500)], WINDOW, 1000), [
      { x: 100, look: 'report' },
      { x: 500, look: 'reports' },
    ])
  })

  test('are one mark where they would overlap', () => {
    const marks = Array.from({ length: 1000 }, (_, time) => mark(time))
    const drawn = drawnMarks(marks, WINDOW, 100)
    assert.deepEqual(
      drawn.map(({ x }) => x),
      [0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
    )
    assert.deepEqual([...new Set(drawn.map(({ look }) => look))], ['reports'])
  })

  test('of requested changes are drawn over those of reports', () => {
    assert.deepEqual(drawnMarks([mark(100), mark(101, 'PortUpdated'), mark(102)], WINDOW, 1000), [
      { x: 100, look: 'reports' },
      { x: 101, look: 'request' },
    ])
  })
})
