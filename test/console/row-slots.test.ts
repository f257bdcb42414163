import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RowSlots } from '../../src/console/components/row-slots.ts'

const assigned = (slots: RowSlots, keys: readonly string[]) => [...slots.assign(keys).values()]

describe('RowSlots', () => {
  test('gives rows that come the elements of rows that leave', () => {
    const slots = new RowSlots()
    assert.deepEqual(assigned(slots, ['a', 'b', 'c', 'd']), [0, 1, 2, 3])
    assert.deepEqual(assigned(slots, ['c', 'd', 'e', 'f']), [2, 3, 0, 1])
  })

  test('keeps the order of elements if all rows change', () => {
    const slots = new RowSlots()
    slots.assign(['a', 'b', 'c', 'd'])
    slots.assign(['c', 'd', 'e', 'f'])
    assert.deepEqual(assigned(slots, ['p', 'q', 'r', 's']), [2, 3, 0, 1])
  })

  test('leaves a row its element when another one is inserted', () => {
    const slots = new RowSlots()
    slots.assign(['b', 'c', 'd'])
    assert.deepEqual(assigned(slots, ['a', 'b', 'c']), [2, 0, 1])
  })

  test('gives no element to two rows after rows were fewer', () => {
    const slots = new RowSlots()
    slots.assign(['a', 'b', 'c'])
    assert.deepEqual(assigned(slots, ['b']), [1])
    assert.deepEqual(assigned(slots, ['x', 'b', 'y']), [3, 1, 4])
  })

  test('gives the element of a focused row that leaves to no other', () => {
    const slots = new RowSlots()
    slots.assign(['a', 'b', 'c'])
    assert.deepEqual([...slots.assign(['c', 'd', 'e'], 0).values()], [2, 1, 3])
    assert.deepEqual(assigned(slots, ['x', 'y', 'z', 'w']), [2, 1, 3, 4])
  })
})
