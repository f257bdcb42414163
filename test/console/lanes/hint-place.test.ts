import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hintPlace } from '../../../src/console/lanes/hint-place.ts'

const HINT = { width: 300, height: 130 }
const VIEW = { width: 1280, height: 800 }

describe('the hint at a lane', () => {
  test('is below the pointer', () => {
    assert.deepEqual(hintPlace({ x: 600, y: 120 }, HINT, VIEW), { left: 580, top: 134 })
  })

  test('is above the pointer where there is no room below', () => {
    assert.deepEqual(hintPlace({ x: 600, y: 700 }, HINT, VIEW), { left: 580, top: 556 })
  })

  test('is whole in a view of 390 pixels', () => {
    for (const x of [0, 200, 389]) {
      const { left } = hintPlace({ x, y: 100 }, HINT, { width: 390, height: 844 })
      assert.ok(left >= 0 && left + HINT.width <= 390, `${x}: ${left}`)
    }
  })

  test('begins in the view where it is higher than the room on either side', () => {
    assert.equal(hintPlace({ x: 10, y: 60 }, HINT, { width: 390, height: 140 }).top, 8)
  })
})
