import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isSamePixel, momentAt, presentIn } from '../../../src/console/time/present.ts'

const RECORD = { first: 0, last: 800 }
const WIDTH = 1000

describe('the present on the axis', () => {
  test('is where the clock stands', () => {
    assert.deepEqual(presentIn({ from: 0, to: 1000 }, RECORD, 900, WIDTH), { lastX: 800, x: 900, breakX: undefined })
  })

  test('is the right end, after a break, when the clock has left the window', () => {
    assert.deepEqual(presentIn({ from: 0, to: 1000 }, RECORD, 50_000, WIDTH), { lastX: 800, x: 1000, breakX: 820 })
  })

  test('needs room for a break', () => {
    assert.equal(presentIn({ from: 0, to: 810 }, RECORD, 50_000, WIDTH)?.breakX, undefined)
  })

  test('is after a break on a narrow axis too', () => {
    const present = presentIn({ from: 0, to: 966 }, RECORD, 50_000, 264)
    assert.ok(present?.breakX !== undefined && present.breakX > present.lastX + 8 && present.breakX < 264 - 8)
  })

  test('is where a pointer is beyond the break or at the clock, and nowhere before', () => {
    const window = { from: 0, to: 1000 }
    const at = (now: number, x: number) => momentAt(window, presentIn(window, RECORD, now, WIDTH), WIDTH, x)
    assert.equal(at(950, 900), 900)
    assert.equal(at(950, 950), undefined)
    assert.equal(at(801, 800), 800)
    assert.equal(at(50_000, 810), 810)
    assert.equal(at(50_000, 900), undefined)
    assert.equal(momentAt(window, undefined, WIDTH, 999), 999)
  })

  test('is not before the latest event if the clock is slow', () => {
    assert.equal(presentIn({ from: 0, to: 1000 }, RECORD, 100, WIDTH)?.x, 800)
  })

  test('is not in a window of the past', () => {
    assert.equal(presentIn({ from: 0, to: 799 }, RECORD, 900, WIDTH), undefined)
  })

  test('is the same until the clock has moved by a pixel', () => {
    const at = (now: number) => presentIn({ from: 0, to: 1000 }, RECORD, now, WIDTH)
    assert.equal(isSamePixel(at(900), at(900.4)), true)
    assert.equal(isSamePixel(at(900), at(901)), false)
    assert.equal(isSamePixel(undefined, at(900)), false)
    assert.equal(isSamePixel(undefined, undefined), true)
  })
})
