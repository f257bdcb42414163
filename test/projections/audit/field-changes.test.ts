import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldChanges } from '../../../projections/audit/field-changes.ts'

describe('the fields that an event changes', () => {
  it('are those that differ, each by its path, with null for what was not there or is not any more', () => {
    const before = { port: 80, tls: { credentials: 'a' }, host: 'h' }
    const after = { port: 81, tls: { credentials: 'b' }, routingKey: 'k' }
    assert.deepEqual(fieldChanges(before, after, 'spec'), [
      { field: 'spec.port', before: 80, after: 81 },
      { field: 'spec.tls.credentials', before: 'a', after: 'b' },
      { field: 'spec.host', before: 'h', after: null },
      { field: 'spec.routingKey', before: null, after: 'k' },
    ])
  })

  it('are all of a value that came or went', () => {
    assert.deepEqual(fieldChanges(undefined, { a: { b: 1 } }), [{ field: 'a.b', before: null, after: 1 }])
    assert.deepEqual(fieldChanges({ a: { b: 1 } }, undefined), [{ field: 'a.b', before: 1, after: null }])
  })

  it('are none where values are equal, lists among them, which are compared as a whole', () => {
    assert.deepEqual(fieldChanges({ list: [1, 2], none: null }, { list: [1, 2], none: null }), [])
    assert.deepEqual(fieldChanges({ list: [1, 2] }, { list: [2, 1] }), [
      { field: 'list', before: [1, 2], after: [2, 1] },
    ])
    assert.deepEqual(fieldChanges({ text: 'ab' }, { text: null }), [{ field: 'text', before: 'ab', after: null }])
  })
})
