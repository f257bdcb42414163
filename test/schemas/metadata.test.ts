import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { z } from 'zod'
import { annotationsInput, labelsInput } from '../../schemas/resources/metadata.ts'

const rejects = (schema: z.ZodType, value: unknown, message: RegExp): void =>
  assert.match(schema.safeParse(value).error?.issues[0]?.message ?? 'accepted', message)

const LONGEST = 'a'.repeat(63)

describe('labelsInput', () => {
  for (const key of ['app', 'a', 'A.b_c-d', LONGEST, `app.kubernetes.io/${LONGEST}`, `${'a.'.repeat(126)}a/x`])
    it(`accepts the key ${key.slice(0, 40)}`, () => assert.deepEqual(labelsInput.parse({ [key]: 'x' }), { [key]: 'x' }))

  for (const key of [
    '',
    '-a',
    'a-',
    'a b',
    `${LONGEST}a`,
    '/a',
    'a/',
    'a/b/c',
    'A.io/x',
    `${'a.'.repeat(127)}a/x`,
    'ä',
  ])
    it(`rejects the key ${JSON.stringify(key.slice(0, 40))}`, () =>
      rejects(labelsInput, { [key]: 'x' }, /is not a key \(a name of at most 63 characters/))

  for (const value of ['', 'x', LONGEST, '1.2_3-4'])
    it(`accepts the value ${JSON.stringify(value)}`, () =>
      assert.deepEqual(labelsInput.parse({ a: value }), { a: value }))

  for (const value of ['-x', 'x.', 'on call', `${LONGEST}a`, 'a/b'])
    it(`rejects the value ${JSON.stringify(value)}`, () =>
      rejects(labelsInput, { a: value }, /is not a value of a label \(at most 63 characters/))

  it('rejects what is no text, and says what it is', () => {
    rejects(labelsInput, { a: 1 }, /^1 is a number, not a value of a label/)
    rejects(labelsInput, { a: null }, /^null is not a value of a label/)
    rejects(labelsInput, ['a'], /^a list, not a map of labels/)
  })
})

describe('annotationsInput', () => {
  it('accepts any text, and prefixes in any case', () => {
    const annotations = { 'Example.com/note': 'on call\n' }
    assert.deepEqual(annotationsInput.parse(annotations), annotations)
  })

  it('accepts 256 KiB of keys and values, counted in bytes, and rejects more', () => {
    const most = 'ä'.repeat((256 * 1024 - 2) / 2)
    assert.equal(annotationsInput.safeParse({ aa: most }).success, true)
    rejects(annotationsInput, { aaa: most }, /^are too large: 262145 bytes, and 262144 is the most$/)
  })
})
