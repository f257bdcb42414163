import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applyMergePatch, createMergePatch } from '../../src/lib/json-merge-patch.ts'
import fc, { runs } from '../support/fast-check.ts'

const name = fc.constantFrom('a', 'b', 'c')
const { row } = fc.letrec<{ value: unknown; row: object }>(tie => ({
  value: fc.oneof(
    fc.constantFrom(true, false, 0, 1, '', 'x', '1'),
    fc.array(fc.constantFrom(1, 2), { maxLength: 2 }),
    tie('row'),
  ),
  row: fc.dictionary(name, tie('value'), { noNullPrototype: true }),
}))

describe('createMergePatch', () => {
  it('turns the first row into the second', () => {
    fc.assert(
      fc.property(row, row, (before, after) => {
        const patch = createMergePatch(before, after)
        assert.deepEqual(patch === undefined ? before : applyMergePatch(before, patch), after)
      }),
      runs(200),
    )
  })

  it('returns undefined if and only if the rows are equal', () => {
    fc.assert(
      fc.property(row, row, (before, after) => {
        assert.equal(createMergePatch(before, structuredClone(before)), undefined)
        assert.equal(
          createMergePatch(before, after) === undefined,
          JSON.stringify(sorted(before)) === JSON.stringify(sorted(after)),
        )
      }),
      runs(200),
    )
  })

  it('contains only changed fields, at every depth', () => {
    const before = { spec: { port: 80, host: 'a' }, status: { tags: ['x'] }, name: 'n' }
    const after = { spec: { port: 81, host: 'a' }, status: { tags: ['x'] }, name: 'n' }
    assert.deepEqual(createMergePatch(before, after), { spec: { port: 81 } })
  })

  it('removes a field with null', () => {
    assert.deepEqual(createMergePatch({ a: 1, b: { c: 2 } }, { b: {} }), { a: null, b: { c: null } })
    assert.deepEqual(createMergePatch({ a: 1 }, { a: undefined }), { a: null })
  })

  it('replaces a list, or a value of another type, as a whole', () => {
    assert.deepEqual(createMergePatch({ a: [1, 2] }, { a: [1] }), { a: [1] })
    assert.deepEqual(createMergePatch({ a: [1] }, { a: { 0: 1 } }), { a: { 0: 1 } })
    assert.deepEqual(applyMergePatch({ a: [1] }, { a: { b: 1 } }), { a: { b: 1 } })
  })

  it('keeps no null, and the key __proto__', () => {
    assert.deepEqual(applyMergePatch({}, { a: { b: null, c: 1 } }), { a: { c: 1 } })
    const merged = applyMergePatch({}, JSON.parse('{"__proto__":{"a":1}}'))
    assert.equal(JSON.stringify(merged), '{"__proto__":{"a":1}}')
    assert.equal((merged as { a?: number }).a, undefined)
  })

  it('does not change the row that it is applied to', () => {
    const before = { a: { b: 1 }, c: 2 }
    applyMergePatch(before, { a: { b: 3 }, c: null })
    assert.deepEqual(before, { a: { b: 1 }, c: 2 })
  })
})

/** With keys in order, so that equal rows have equal JSON. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, sorted(inner)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
}
