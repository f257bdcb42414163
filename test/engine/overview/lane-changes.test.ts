import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { changesOf, codeBegunAt } from '../../../src/engine/overview/lane-changes.ts'
import {
  decodeEntries,
  emptyColumns,
  encodeEntries,
  type LaneColumns,
} from '../../../src/engine/overview/lane-entries.ts'
import { LANE_CODE } from '../../../src/engine/overview/lane-status.ts'

type Entry = readonly [position: number, time: number, status: keyof typeof LANE_CODE]

const columnsOf = (...entries: readonly Entry[]): LaneColumns => {
  const columns = emptyColumns()
  const kept = entries.map(([position, time, status]) => ({
    position,
    time,
    type: 0,
    codes: LANE_CODE[status],
    message: 0,
  }))
  decodeEntries(encodeEntries(kept), columns)
  return columns
}

const GAP = { from: 30, to: 50, position: 9, since: '1970-01-01T00:00:00.030Z' }

describe('changesOf', () => {
  it('names the first of several events in a millisecond that report the same status', () => {
    const columns = columnsOf([1, 10, 'Pending'], [2, 10, 'Pending'], [3, 20, 'Ready'], [4, 20, 'Ready'])
    assert.deepEqual(
      changesOf(columns, [], 100).map(({ time, position }) => [time, position]),
      [
        [10, 1],
        [20, 3],
      ],
    )
  })

  it('has a gap with the event that reported it, and its end without an event', () => {
    const columns = columnsOf([1, 10, 'Pending'], [3, 20, 'Ready'])
    assert.deepEqual(
      changesOf(columns, [GAP], 100).map(({ time, code, position }) => [time, code, position]),
      [
        [10, LANE_CODE.Pending, 1],
        [20, LANE_CODE.Ready, 3],
        [30, LANE_CODE.NotObserved, 9],
        [50, LANE_CODE.Ready, 0],
      ],
    )
  })
})

describe('codeBegunAt', () => {
  const before: Entry = [1, 10, 'Pending']

  it('returns the status that began with the last entry', () => {
    assert.equal(codeBegunAt(columnsOf(before), 1, []), LANE_CODE.Pending)
    assert.equal(codeBegunAt(columnsOf(before, [3, 10, 'Ready']), 3, []), LANE_CODE.Ready)
  })

  it('returns nothing if the status was the same, was not observed, or the entry is of another event', () => {
    assert.equal(codeBegunAt(columnsOf(before, [2, 10, 'Pending']), 2, []), undefined)
    assert.equal(codeBegunAt(columnsOf(before, [4, 40, 'Error']), 4, [GAP]), undefined)
    assert.equal(codeBegunAt(columnsOf(before), 2, []), undefined)
  })
})
