import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { densityBars, mergeBuckets } from '../../src/console/timebar/density.ts'

const density = { from: 0, bucketMs: 10, counts: [1, 0, 5, 2, 0, 1, 9] }

describe('the density of events', () => {
  test('keeps the total when buckets are merged', () => {
    assert.deepEqual(mergeBuckets(density, 3), { from: 0, bucketMs: 30, counts: [6, 3, 9] })
    assert.deepEqual(mergeBuckets(density, 1).counts, density.counts)
  })

  test('is drawn where its buckets are in the window', () => {
    const bars = densityBars(density, { from: 0, to: 70 }, 700)
    assert.deepEqual(
      bars.map(({ x, width, count }) => [x, width, count]),
      [
        [0, 100, 1],
        [200, 100, 5],
        [300, 100, 2],
        [500, 100, 1],
        [600, 100, 9],
      ],
    )
    assert.equal(bars.at(-1)?.height, 1)
  })

  test('leaves out bars beyond the window', () => {
    assert.deepEqual(
      densityBars(density, { from: 20, to: 40 }, 100).map(({ count }) => count),
      [5, 2],
    )
  })

  test('draws no bar thinner than three pixels, and loses no event', () => {
    const bars = densityBars({ from: 0, bucketMs: 1, counts: Array(1000).fill(1) }, { from: 0, to: 1000 }, 100)
    assert.ok(bars.every(({ width }) => width >= 3))
    assert.equal(
      bars.reduce((sum, { count }) => sum + count, 0),
      1000,
    )
  })
})
