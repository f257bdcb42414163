import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JsonText } from '../../../src/server/graphql/json-text.ts'
import { stringifyInSlices } from '../../../src/server/graphql/stringify-in-slices.ts'
import fc from '../../support/fast-check.ts'

const longLists = fc.array(
  fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.constant(undefined), fc.jsonValue()),
  {
    minLength: 150,
    maxLength: 450,
    size: 'max',
  },
)

describe('stringifyInSlices', () => {
  it('returns what JSON.stringify does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(longLists, fc.jsonValue()), async value => {
        const text = await stringifyInSlices({ value, of: [value] }, () => undefined)
        assert.equal(text, JSON.stringify({ value, of: [value] }))
      }),
      { numRuns: 50 },
    )
  })

  it('yields while it stringifies a long list of numbers', async () => {
    let turns = 0
    const list = Array.from({ length: 100_000 }, (_, index) => index)
    const text = await stringifyInSlices({ list }, () => {
      turns += 1
      return undefined
    })
    assert.equal(text, JSON.stringify({ list }))
    assert.ok(turns > 20)
  })

  it('returns JSON that was made before as it is, as JSON.stringify does', async () => {
    const columns = new JsonText('{"from":[0,10],"status":"RE"}')
    const result = { lanes: [{ columns }, { columns, name: 'a' }] }
    assert.equal(await stringifyInSlices(result, () => undefined), JSON.stringify(result))
  })
})
