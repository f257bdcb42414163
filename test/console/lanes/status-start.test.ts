import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type LoadSegments, statusStart } from '../../../src/console/lanes/status/status-start.ts'
import { LaneCells, segmentsOf } from '../../../src/engine/overview/lane-cells.ts'
import type { LaneRun } from '../../../src/engine/overview/lane-runs.ts'
import { LANE_CODE, laneStatusOf } from '../../../src/engine/overview/lane-status.ts'

const FIRST = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000

type Change = readonly [after: number, code: keyof typeof LANE_CODE]

/** Draws a window as the engine does. */
const engineWith = (changes: readonly Change[]) => {
  const windows: number[] = []
  const load: LoadSegments = async ({ from, to }) => {
    windows.push(to - from)
    const all = changes.map(
      ([after, code]): LaneRun => ({ start: FIRST + after, code: LANE_CODE[code], position: 1, message: '' }),
    )
    const before = all.findLast(({ start }) => start <= from)
    const begin: LaneRun = { start: from, code: before?.code ?? LANE_CODE.absent, position: 0, message: '' }
    const runs = [begin, ...all.filter(({ start }) => start > from && start < to)]
    const segments = segmentsOf(runs, new LaneCells({ from, to, isOpen: false }, 2000), to)
    return segments.map(({ start, code, changes: within }, place) => ({
      from: start,
      to: segments[place + 1]?.start ?? to,
      status: laneStatusOf(code),
      changes: within,
      position: undefined,
      message: undefined,
    }))
  }
  return { load, windows }
}

const STORY: readonly Change[] = [
  [0, 'Pending'],
  [17, 'Ready'],
  [5000, 'Pending'],
  [5003, 'Error'],
  [5782, 'Ready'],
]

describe('statusStart', () => {
  for (const [words, after, from, status] of [
    ['within seconds', 5900, 5782, 'Ready'],
    ['at its own event', 5003, 5003, 'Error'],
    ['two days later', 2 * DAY_MS, 5782, 'Ready'],
    ['years later', 2000 * DAY_MS, 5782, 'Ready'],
  ] as const)
    test(`finds the beginning to the millisecond ${words}`, async () => {
      const { load, windows } = engineWith(STORY)
      assert.deepEqual(await statusStart(load, FIRST + after, FIRST), { status, from: FIRST + from })
      assert.ok(windows.length <= 6, String(windows))
    })

  test('finds a beginning among many changes', async () => {
    const flaps = Array.from({ length: 40_000 }, (_, n): Change => [n * 700, n % 2 === 0 ? 'Ready' : 'Error'])
    const at = 39_999 * 700 + 40 * DAY_MS
    const { load } = engineWith(flaps)
    assert.deepEqual(await statusStart(load, FIRST + at, FIRST), { status: 'Error', from: FIRST + 39_999 * 700 })
  })

  test('returns nothing for a status that began before what the log keeps', async () => {
    const { load } = engineWith([[-5, 'Ready']])
    assert.equal(await statusStart(load, FIRST + DAY_MS, FIRST), undefined)
  })
})
