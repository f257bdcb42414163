import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import reference from 'canonicalize'
import { canonical, canonicalJson } from '../../schemas/canonical-json.ts'
import fc, { runs } from '../support/fast-check.ts'

const RUNS = runs(500)
/** Halves of surrogate pairs are not text, and the RFC defines no form for them. */
const json = fc.jsonValue({ noUnicodeString: false }).filter(value => JSON.stringify(value).isWellFormed())

const shuffled = (value: unknown, seed: number): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => shuffled(item, seed))
  const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, seed)] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => ((a.length * seed) % 7) - ((b.length * seed) % 7)))
}

describe('canonicalJson', () => {
  test('returns the examples of RFC 8785', () => {
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

  test('omits what JSON cannot represent', () => {
    assert.equal(canonicalJson({ b: undefined, a: { c: undefined } }), '{"a":{}}')
    assert.equal(canonicalJson({ 1: undefined, 0: [undefined] }), '{"0":[null]}')
  })

  test('returns the same as the package canonicalize', () => {
    fc.assert(
      fc.property(json, value => assert.equal(canonicalJson(value), reference(value))),
      RUNS,
    )
  })

  test('is independent of key order, and parses to an equal value', () => {
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
