import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatIssue, formatPath, mismatch } from '../../schemas/validation.ts'

describe('mismatch', () => {
  for (const [found, expected] of [
    [99999, '99999 is not a port'],
    [undefined, 'is missing: a port is required'],
    [null, 'null is not a port'],
    ['80', '"80" is a string, not a port'],
    [true, 'true is a boolean, not a port'],
    [{ a: 1 }, 'an object, not a port'],
    [[80], 'a list, not a port'],
    [80n, '80 is bigint, not a port'],
  ] as const) {
    it(`returns "${expected}"`, () => assert.equal(mismatch(found, 'a port', 'number'), expected))
  }

  it('truncates long values, with their length', () => {
    const message = mismatch('x'.repeat(500), 'a name', 'string')
    assert.equal(message, `"${'x'.repeat(79)}… (502 characters) is not a name`)
  })
})

describe('formatPath and formatIssue', () => {
  for (const [path, text] of [
    [[], ''],
    [['spec', 'port'], 'spec.port'],
    [['manifests', 1, 'metadata', 'name'], 'manifests[1].metadata.name'],
    [[0], '[0]'],
  ] as const) {
    it(`formats the path ${JSON.stringify(text)}`, () => assert.equal(formatPath(path), text))
  }

  it('puts the path before the message, unless it is empty', () => {
    assert.equal(formatIssue({ path: 'spec.port', message: 'is missing' }), 'spec.port: is missing')
    assert.equal(formatIssue({ path: '', message: 'null is not a manifest' }), 'null is not a manifest')
  })
})
