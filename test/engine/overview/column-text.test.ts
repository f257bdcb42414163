import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JsonWriter, markText, segmentText } from '../../../src/engine/overview/column-text.ts'
import { LANE_CODE } from '../../../src/engine/overview/lane-status.ts'
import fc from '../../support/fast-check.ts'

const numbers = fc.oneof(
  fc.constantFrom(-1, 0, 9, 10, 999_999_999, 1e9, 1e9 + 1, 2 ** 31, 1e15, Number.MAX_SAFE_INTEGER),
  fc.nat(),
  fc.maxSafeNat(),
)

const arrayText = (list: readonly number[]): string => {
  const writer = new JsonWriter()
  writer.array(Float64Array.from(list), list.length)
  return writer.take()
}

describe('JsonWriter', () => {
  it('returns what JSON.stringify does for whole numbers', () => {
    fc.assert(
      fc.property(fc.array(numbers), list => {
        assert.equal(arrayText(list), JSON.stringify(list))
      }),
    )
  })

  it('has room for any number of the largest numbers', () => {
    const list = new Array<number>(5000).fill(Number.MAX_SAFE_INTEGER)
    assert.equal(arrayText(list), JSON.stringify(list))
  })
})

const textOf = (id: number): string => `"text" ${id} ü`

it('segmentText › has columns with each message once, and the number of their items', () => {
  const segments = [
    { start: 100, code: LANE_CODE.Ready, changes: 0, position: 1, message: undefined },
    { start: 110, code: LANE_CODE.Error, changes: 3, position: 2, message: 7 },
    { start: 3_000_000_100, code: LANE_CODE.absent, changes: 0, position: 12, message: textOf(7) },
  ]
  const { text, size } = segmentText(segments, 100, textOf)
  assert.deepEqual(JSON.parse(text), {
    from: [0, 10, 3_000_000_000],
    status: 'RE-',
    changes: [0, 3, 0],
    position: [1, 2, 12],
    message: [-1, 0, 0],
    messages: [textOf(7)],
  })
  assert.equal(size, 16)
})

it('markText › has columns with each type once, and the number of their items', () => {
  const marks = {
    length: 3,
    time: Float64Array.of(100, 105, 109, 0),
    count: Float64Array.of(1, 12, 1, 0),
    position: Float64Array.of(1, 2, 14, 0),
    type: Float64Array.of(3, 4, 3, 0),
  }
  const { text, size } = markText(marks, 100, textOf)
  assert.deepEqual(JSON.parse(text), {
    time: [0, 5, 9],
    count: [1, 12, 1],
    position: [1, 2, 14],
    type: [0, 1, 0],
    types: [textOf(3), textOf(4)],
  })
  assert.equal(size, 14)
})
