import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiKeyListenerResource, routingKeysOf } from '../../schemas/resources/multi-key-listener.ts'
import { toIssues } from '../../schemas/validation.ts'

const BASE = { host: 'backend', port: 8080 }
const parse = (spec: object) => multiKeyListenerResource.specInput.safeParse(spec)
const issues = (strategy: unknown) => {
  const { error } = parse({ ...BASE, strategy: strategy as object })
  return error === undefined ? [] : toIssues(error).map(({ path, message }) => `${path} ${message}`)
}

describe('the spec of a MultiKeyListener', () => {
  it('has the defaults of Skupper', () => {
    const strategy = { priority: { routingKeys: ['b', 'a'] } }
    assert.deepEqual(parse({ ...BASE, strategy }).data, {
      ...BASE,
      strategy,
      observer: 'auto',
      requireClientCert: false,
      settings: {},
    })
    assert.deepEqual(routingKeysOf(strategy), ['b', 'a'])
  })

  it('accepts weights from 0 to 8388607', () => {
    assert.deepEqual(issues({ weighted: { routingKeys: { a: 0, b: 8_388_607 } } }), [])
    for (const weight of [-1, 1.5, 8_388_608, '3'])
      assert.match(issues({ weighted: { routingKeys: { a: weight } } })[0] ?? '', /a weight \(0 to 8388607\)/)
  })

  it('rejects the weight of a key that no map can have, and takes it in a list', () => {
    const routingKeys = JSON.parse('{"a": 1, "__proto__": 1}')
    assert.deepEqual(issues({ weighted: { routingKeys } }), [
      'strategy.weighted.routingKeys.__proto__ "__proto__" is not a key of a map of weights: give it another name',
    ])
    assert.deepEqual(issues({ priority: { routingKeys: ['__proto__'] } }), [])
  })

  it('rejects none or both of the strategies', () => {
    for (const strategy of [undefined, {}, { priority: { routingKeys: ['a'] }, weighted: { routingKeys: { a: 1 } } }])
      assert.match(issues(strategy)[0] ?? '', /exactly one of priority and weighted/)
  })

  it('rejects no, doubled, and more than 256 routing keys', () => {
    const many = Array.from({ length: 257 }, (_, index) => `key-${index}`)
    for (const routingKeys of [[], ['a', 'a'], many])
      assert.match(issues({ priority: { routingKeys } })[0] ?? '', /1 to 256 different routing keys/)
    for (const routingKeys of [{}, Object.fromEntries(many.map(key => [key, 1]))])
      assert.match(issues({ weighted: { routingKeys } })[0] ?? '', /1 to 256 routing keys to weights/)
  })
})
