import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatDuration, formatTime } from '../../../src/console/time/format-time.ts'
import { ticksOf } from '../../../src/console/time/ticks.ts'

const NOON = Date.UTC(2026, 10, 29, 12)
const DAY = 86_400_000

const labels = (from: number, span: number, width = 1000): readonly string[] =>
  ticksOf({ from, to: from + span }, width, 'utc').map(({ label }) => label)

describe('times as text', () => {
  test('names the zone', () => {
    assert.equal(formatTime(NOON + 4648, 'utc'), '2026-11-29 12:00:04.648 UTC')
    assert.match(formatTime(NOON, 'local'), / [+−]\d\d:\d\d$/)
  })

  for (const [ms, text] of [
    [85, '85 ms'],
    [2040, '2.04 s'],
    [59_900, '59.9 s'],
    [185_000, '3 min 5 s'],
    [7_200_000, '2 h'],
    [12 * DAY + 4 * 3_600_000, '12 d 4 h'],
  ] as const)
    test(`writes a duration as ${text}`, () => assert.equal(formatDuration(ms), text))
})

describe('ticks of the time axis', () => {
  test('are milliseconds in a short window', () => {
    assert.deepEqual(labels(NOON, 50).slice(0, 3), ['12:00:00.000', '12:00:00.005', '12:00:00.010'])
  })

  test('are seconds, minutes and hours in longer ones', () => {
    assert.deepEqual(labels(NOON, 10_000).slice(0, 2), ['12:00:00', '12:00:01'])
    assert.deepEqual(labels(NOON, 600_000).slice(0, 2), ['12:00', '12:01'])
    assert.deepEqual(labels(NOON, DAY).slice(0, 5), ['12:00', '15:00', '18:00', '21:00', '30 Nov'])
  })

  test('are days, months and years in the longest', () => {
    assert.deepEqual(labels(NOON, 10 * DAY).slice(0, 2), ['30 Nov', '1 Dec'])
    assert.deepEqual(labels(NOON, 300 * DAY).slice(0, 3), ['Dec', '2027', 'Feb'])
    assert.deepEqual(labels(NOON, 3650 * DAY).slice(0, 2), ['2027', '2028'])
  })

  test('are far enough apart to be read', () => {
    for (const span of [13, 170, 4000, 90_000, 5_000_000, 3 * DAY, 40 * DAY, 2000 * DAY]) {
      const ticks = ticksOf({ from: NOON, to: NOON + span }, 1000, 'utc')
      const gaps = ticks.slice(1).map(({ x }, index) => x - (ticks[index]?.x ?? 0))
      assert.ok(
        gaps.every(gap => gap >= 80),
        `${span}: ${gaps}`,
      )
    }
  })
})
