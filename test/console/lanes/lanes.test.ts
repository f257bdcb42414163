import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Lane, laneOf, markNear, segmentAt } from '../../../src/console/lanes/lane.ts'
import {
  CONDITION_HEIGHT,
  layoutOf,
  ROW_HEIGHT,
  rowAt,
  rowsIn,
  topOf,
  totalHeight,
} from '../../../src/console/lanes/row-layout.ts'

const lane: Lane = laneOf(
  {
    kind: 'Listener',
    namespace: 'west',
    name: 'backend',
    status: 'Ready',
    notReadySeconds: 2.5,
    conditions: [
      {
        type: 'Matched',
        columns: { from: [0, 100], status: '-R', changes: [0, 0], position: [0, 7], message: [-1, -1], messages: [] },
      },
      {
        type: 'Reachable',
        columns: { from: [0], status: '-', changes: [0], position: [0], message: [-1], messages: [] },
      },
    ],
    columns: {
      segments: {
        from: [0, 100, 400],
        status: '-ER',
        changes: [0, 0, 2],
        position: [0, 7, 9],
        message: [-1, 0, -1],
        messages: ['Address already in use'],
      },
      marks: {
        time: [100, 130, 400],
        count: [1, 3, 1],
        position: [7, 8, 9],
        type: [0, 1, 0],
        types: ['PortUpdated', 'ListenerOpened'],
      },
    },
  },
  1000,
  2000,
)

describe('a lane', () => {
  test('is read from columns, with times of its own', () => {
    assert.equal(lane.notReadyMs, 2500)
    assert.deepEqual(lane.segments[1], {
      from: 1100,
      to: 1400,
      status: 'Error',
      changes: 0,
      position: 7,
      message: 'Address already in use',
    })
    assert.deepEqual([lane.segments[0]?.status, lane.segments[0]?.position], [undefined, undefined])
    assert.deepEqual([lane.segments[2]?.to, lane.segments[2]?.changes], [2000, 2])
    assert.deepEqual(lane.marks[1], { time: 1130, count: 3, position: 8, type: 'ListenerOpened' })
  })

  test('has the conditions that existed in the window', () => {
    assert.deepEqual(
      lane.conditions.map(({ type, segments }) => [type, segments.at(-1)?.status]),
      [['Matched', 'Ready']],
    )
  })

  test('has the status of the segment that includes a time', () => {
    assert.equal(segmentAt(lane.segments, 1100)?.status, 'Error')
    assert.equal(segmentAt(lane.segments, 1399)?.status, 'Error')
    assert.equal(segmentAt(lane.segments, 1400)?.status, 'Ready')
    assert.equal(segmentAt(lane.segments, 2000)?.status, 'Ready')
    assert.equal(segmentAt(lane.segments, 2001), undefined)
    assert.equal(segmentAt([], 5), undefined)
  })

  test('finds the nearest mark within reach', () => {
    assert.equal(markNear(lane.marks, 1120, 30)?.time, 1130)
    assert.equal(markNear(lane.marks, 1250, 30), undefined)
  })
})

describe('the layout of rows', () => {
  const layout = layoutOf(1000, [
    [10, 3 * CONDITION_HEIGHT],
    [2, CONDITION_HEIGHT],
  ])

  test('adds the conditions of unfolded rows', () => {
    assert.equal(topOf(layout, 2), 2 * ROW_HEIGHT)
    assert.equal(topOf(layout, 3), 3 * ROW_HEIGHT + CONDITION_HEIGHT)
    assert.equal(totalHeight(layout), 1000 * ROW_HEIGHT + 4 * CONDITION_HEIGHT)
  })

  test('finds the row at a height', () => {
    for (const index of [0, 2, 3, 10, 11, 999]) {
      assert.equal(rowAt(layout, topOf(layout, index)), index)
      assert.equal(rowAt(layout, topOf(layout, index + 1) - 1), index)
    }
  })

  test('renders no more rows than are in view', () => {
    assert.deepEqual(rowsIn(layout, topOf(layout, 500), 10 * ROW_HEIGHT - 1), { first: 500, end: 510 })
    assert.deepEqual(rowsIn(layoutOf(0, []), 0, 500), { first: 0, end: 0 })
    assert.deepEqual(rowsIn(layoutOf(3, []), 0, 500), { first: 0, end: 3 })
  })
})
