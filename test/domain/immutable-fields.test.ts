import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HarkError } from '../../schemas/errors.ts'
import { assertImmutableFields, changedFields } from '../../src/domain/immutable-fields.ts'

interface Spec {
  readonly port: number
  readonly host?: string
  readonly settings: Readonly<Record<string, unknown>> | null
}

const spec = (change: Partial<Spec> = {}): Spec => ({ port: 80, settings: { observer: 'auto' }, ...change })

describe('changedFields', () => {
  it('returns nothing for equal specs', () => {
    assert.deepEqual(changedFields(spec(), spec()), [])
  })

  it('returns changed, added and removed fields', () => {
    assert.deepEqual(changedFields(spec(), spec({ port: 81 })), ['port'])
    assert.deepEqual(changedFields(spec(), spec({ host: 'a' })), ['host'])
    assert.deepEqual(changedFields(spec({ host: 'a' }), spec()), ['host'])
  })

  it('compares nested values', () => {
    assert.deepEqual(changedFields(spec(), spec({ settings: { observer: 'none' } })), ['settings'])
    assert.deepEqual(changedFields(spec(), spec({ settings: {} })), ['settings'])
    assert.deepEqual(changedFields(spec({ settings: {} }), spec()), ['settings'])
    assert.deepEqual(changedFields(spec({ settings: { a: {} } }), spec({ settings: { a: 'x' } })), ['settings'])
    assert.deepEqual(changedFields(spec({ settings: { a: 'x' } }), spec({ settings: { a: {} } })), ['settings'])
  })

  it('distinguishes null from an object', () => {
    assert.deepEqual(changedFields(spec({ settings: null }), spec({ settings: {} })), ['settings'])
    assert.deepEqual(changedFields(spec({ settings: {} }), spec({ settings: null })), ['settings'])
    assert.deepEqual(changedFields(spec({ settings: null }), spec({ settings: null })), [])
  })
})

describe('assertImmutableFields', () => {
  const refusal = (before: Spec, after: Spec): HarkError => {
    try {
      assertImmutableFields(before, after, ['port'])
    } catch (error) {
      assert.ok(error instanceof HarkError)
      return error
    }
    throw new Error('the change was accepted')
  }

  it('accepts changes of updatable fields', () => {
    assertImmutableFields(spec(), spec({ port: 81 }), ['port'])
  })

  it('rejects other changes with path, old and new value', () => {
    const { code, details } = refusal(spec(), spec({ port: 81, host: 'a', settings: null }))
    const fields = details.fields as readonly { path: string; message: string }[]
    assert.equal(code, 'IMMUTABLE_FIELD')
    assert.deepEqual(
      fields.map(({ path }) => path),
      ['spec.settings', 'spec.host'],
    )
    assert.match(fields[1]?.message ?? '', /from unset to "a": delete and create again/)
  })
})
