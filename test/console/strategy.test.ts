import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { routingKeysOf, sharesOf, strategyText } from '../../src/console/resources/strategy.ts'

const PRIORITY = { priority: { routingKeys: ['east', 'north', 'south'] } }
const WEIGHTED = { weighted: { routingKeys: { east: 3, north: 1, south: 4 } } }

const sharesByKey = (...given: Parameters<typeof sharesOf>) =>
  Object.fromEntries(sharesOf(...given).map(({ routingKey, share }) => [routingKey, share]))

describe('the strategy of a MultiKeyListener', () => {
  test('is stated with its routing keys', () => {
    assert.equal(strategyText(PRIORITY), 'east, north, south')
    assert.equal(strategyText(WEIGHTED), 'east=3, north=1, south=4')
    for (const strategy of [PRIORITY, WEIGHTED]) assert.deepEqual(routingKeysOf(strategy), ['east', 'north', 'south'])
  })

  test('sends all connections to the first routing key with a connector', () => {
    const status = { priority: { routingKeysReachable: ['north', 'south'] } }
    assert.deepEqual(sharesByKey(PRIORITY, status), { east: 0, north: 1, south: 0 })
    assert.deepEqual(
      sharesOf(PRIORITY, status).map(({ isReachable }) => isReachable),
      [false, true, true],
    )
  })

  test('shares connections by weight among the routing keys with a connector', () => {
    const status = { weighted: { routingKeysReachable: { east: 3, north: 1 } } }
    assert.deepEqual(sharesByKey(WEIGHTED, status), { east: 0.75, north: 0.25, south: 0 })
  })

  test('sends no connections anywhere without a connector, or with weights of 0 alone', () => {
    assert.deepEqual(sharesByKey(PRIORITY, { priority: { routingKeysReachable: [] } }), { east: 0, north: 0, south: 0 })
    assert.deepEqual(sharesByKey(WEIGHTED, { weighted: { routingKeysReachable: {} } }), { east: 0, north: 0, south: 0 })
    const idle = { weighted: { routingKeys: { east: 0 } } }
    assert.deepEqual(sharesByKey(idle, { weighted: { routingKeysReachable: { east: 0 } } }), { east: 0 })
  })
})
