import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Segment } from '../../../src/console/lanes/lane.ts'
import { durationWords, statusSpan } from '../../../src/console/lanes/status/status-span.ts'

const segment = (from: number, to: number): Segment => ({
  from,
  to,
  status: 'Ready',
  changes: 0,
  position: undefined,
  message: undefined,
})

describe('the span of a status', () => {
  const segments = [segment(0, 2000), segment(2000, 5000), segment(5000, 9000)] as const
  const lane = { segments }

  test('is exact between two changes', () => {
    const span = statusSpan(lane, segments[1], { now: 60_000, last: 5000 })
    assert.deepEqual(span, { from: 2000, to: 5000, isEarlier: false, isLater: false, isLasting: false })
    assert.equal(durationWords(span), '3.00 s')
  })

  test('begins before the window if its first segment does', () => {
    const span = statusSpan(lane, segments[0], { now: 60_000, last: 5000 })
    assert.ok(span.isEarlier)
    assert.equal(durationWords(span), 'at least 2.00 s')
  })

  test('lasts until now if no event is later than the window', () => {
    const span = statusSpan(lane, segments[2], { now: 60_000, last: 8000 })
    assert.deepEqual(span, { from: 5000, to: 60_000, isEarlier: false, isLater: false, isLasting: true })
    assert.equal(durationWords(span), '55.0 s')
  })

  test('has an unknown end if events are later than the window', () => {
    const span = statusSpan(lane, segments[2], { now: 60_000, last: 30_000 })
    assert.ok(span.isLater && !span.isLasting)
    assert.equal(durationWords(span), 'at least 4.00 s')
  })

  test('is not exact beside a segment of several changes', () => {
    const coarse = [segment(0, 1000), { ...segment(1000, 2000), changes: 3 }, segment(2000, 3000), segment(3000, 4000)]
    const of = (place: number) =>
      statusSpan({ segments: coarse }, coarse[place] as Segment, { now: 60_000, last: 4000 })
    assert.deepEqual([of(0).isLater, of(2).isEarlier, of(3).isEarlier], [true, true, false])
    assert.equal(durationWords(of(2)), 'at least 1.00 s')
  })
})
