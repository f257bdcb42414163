import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldChanges } from '../../../projections/audit/field-changes.ts'

describe('fieldChanges', () => {
  it('returns the changed fields with their paths, and null for absent values', () => {
    const before = { port: 80, tls: { credentials: 'a' }, host: 'h' }
    const after = { port: 81, tls: { credentials: 'b' }, routingKey: 'k' }
    assert.deepEqual(fieldChanges(before, after, 'spec'), [
      { field: 'spec.port', before: 80, after: 81 },
      { field: 'spec.tls.credentials', before: 'a', after: 'b' },
      { field: 'spec.host', before: 'h', after: null },
      { field: 'spec.routingKey', before: null, after: 'k' },
    ])
  })

  it('returns every field of an added or removed value', () => {
    assert.deepEqual(fieldChanges(undefined, { a: { b: 1 } }), [{ field: 'a.b', before: null, after: 1 }])
    assert.deepEqual(fieldChanges({ a: { b: 1 } }, undefined), [{ field: 'a.b', before: 1, after: null }])
  })

  it('returns nothing for equal values, and compares lists as a whole', () => {
    assert.deepEqual(fieldChanges({ list: [1, 2], none: null }, { list: [1, 2], none: null }), [])
    assert.deepEqual(fieldChanges({ list: [1, 2] }, { list: [2, 1] }), [
      { field: 'list', before: [1, 2], after: [2, 1] },
    ])
    assert.deepEqual(fieldChanges({ text: 'ab' }, { text: null }), [{ field: 'text', before: 'ab', after: null }])
  })
})
