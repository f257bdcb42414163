import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Lane, Segment } from '../../../src/console/lanes/lane.ts'
import { lanesBehind, spansOf } from '../../../src/console/lanes/table/lane-spans.ts'

const segment = (from: number, status: Segment['status']): Segment => ({
  from,
  to: from + 1,
  status,
  changes: 0,
  position: undefined,
  message: undefined,
})

const row = (name: string, ...statuses: readonly Segment['status'][]): { readonly lane: Lane } => ({
  lane: {
    key: name,
    kind: 'Listener',
    namespace: 'west',
    name,
    status: 'Ready',
    notReadyMs: 0,
    port: undefined,
    segments: statuses.map((status, index) => segment(index, status)),
    marks: [],
    conditions: [],
  },
})

const ROWS = [row('a', undefined, 'Pending', 'Ready'), row('b', 'Error'), undefined, row('d', 'Ready')]

describe('the rows of the table of lanes', () => {
  test('are the statuses of lanes up to the first that is not loaded', () => {
    const { spans, lanes } = spansOf(ROWS)
    assert.deepEqual(
      spans.map(({ lane, place, segment: { status } }) => [lane.name, place, status]),
      [
        ['a', 0, 'Pending'],
        ['a', 0, 'Ready'],
        ['b', 1, 'Error'],
      ],
    )
    assert.equal(lanes, 2)
  })

  test('need the lanes behind them', () => {
    assert.deepEqual(lanesBehind(spansOf(ROWS), { first: 1, end: 2 }), { first: 0, end: 1 })
  })

  test('need the next lanes too when the last loaded one is in view', () => {
    const { first, end } = lanesBehind(spansOf(ROWS), { first: 0, end: 3 })
    assert.deepEqual([first, end > 2], [0, true])
    assert.ok(lanesBehind(spansOf([]), { first: 0, end: 0 }).end > 0)
  })
})
