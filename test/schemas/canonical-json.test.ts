import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import reference from 'canonicalize'
import { canonical, canonicalJson } from '../../schemas/canonical-json.ts'
import fc from '../support/fast-check.ts'

const RUNS = { numRuns: 2000 }
/** Halves of surrogate pairs are no text, and the RFC knows no form for them. */
const json = fc.jsonValue({ noUnicodeString: false }).filter(value => JSON.stringify(value).isWellFormed())

const shuffled = (value: unknown, seed: number): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => shuffled(item, seed))
  const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, seed)] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => ((a.length * seed) % 7) - ((b.length * seed) % 7)))
}

describe('canonical JSON', () => {
  test('is as RFC 8785 shows it', () => {
    const value = {
      // biome-ignore lint/correctness/noPrecisionLoss: that it is lost as everywhere is what the RFC shows
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }
    assert.equal(
      canonicalJson(value),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    assert.equal(canonicalJson(keys), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}')
  })

  test('leaves out what JSON does not hold', () => {
    assert.equal(canonicalJson({ b: undefined, a: { c: undefined } }), '{"a":{}}')
    assert.equal(canonicalJson({ 1: undefined, 0: [undefined] }), '{"0":[null]}')
  })

  test('is what another implementation makes of it', () => {
    fc.assert(
      fc.property(json, value => assert.equal(canonicalJson(value), reference(value))),
      RUNS,
    )
  })

  test('is one text whatever the order of keys, and means the same', () => {
    fc.assert(
      fc.property(json, fc.nat(), (value, seed) => {
        const text = canonicalJson(value)
        assert.equal(canonicalJson(shuffled(value, seed)), text)
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
        assert.deepEqual(canonical(value).value, value)
      }),
      RUNS,
    )
  })
})
