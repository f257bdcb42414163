import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Endpoint,
  HEAD_PX,
  layoutNetwork,
  ROW_PX,
  searchNetwork,
} from '../../src/console/network/network-layout.ts'

const endpoint = (
  namespace: string,
  name: string,
  routingKeys: string | readonly string[] = name,
  status: Endpoint['status'] = 'Ready',
): Endpoint => {
  const keys = [routingKeys].flat()
  const kind = keys.length > 1 ? 'MultiKeyListener' : 'Listener'
  return { kind, namespace, name, routingKeys: keys, keyWords: keys.join(), port: 8080, status }
}

const many = (count: number): readonly Endpoint[] =>
  Array.from({ length: count }, (_, index) => endpoint(`site-${index % 10}`, `service-${index}`))

describe('the map of the network', () => {
  test('ties listeners and connectors with the same routing key, row by row', () => {
    const layout = layoutNetwork([endpoint('west', 'a'), endpoint('west', 'b')], [endpoint('east', 'b')], [], new Set())
    assert.equal(layout.ties.length, 1)
    assert.deepEqual(
      [layout.ties[0]?.fromY, layout.ties[0]?.toY, layout.ties[0]?.routingKey],
      [HEAD_PX + 1.5 * ROW_PX, HEAD_PX + 0.5 * ROW_PX, 'b'],
    )
  })

  test('ties a MultiKeyListener to the connectors of each of its routing keys', () => {
    const connectors = [endpoint('east', 'a'), endpoint('east', 'b'), endpoint('east', 'c')]
    const { ties } = layoutNetwork([endpoint('west', 'all', ['a', 'c', 'd'])], connectors, [], new Set())
    assert.deepEqual(
      ties.map(({ routingKey }) => routingKey),
      ['a', 'c'],
    )
    for (const [search, found] of [
      ['all', ['a', 'c']],
      ['c', ['c']],
    ] as const)
      assert.deepEqual(
        searchNetwork([endpoint('west', 'all', ['a', 'c'])], connectors, new Map(), search).connectors.map(
          ({ name }) => name,
        ),
        found,
      )
  })

  test('closes the sites of a large network and joins their ties', () => {
    const layout = layoutNetwork(many(200), many(200), [], new Set())
    assert.ok(layout.listeners.every(({ isOpen }) => !isOpen))
    assert.equal(layout.ties.length, 10)
    assert.equal(layout.ties[0]?.count, 20)
  })

  test('opens a site of a large network on request', () => {
    const layout = layoutNetwork(many(200), many(200), [], new Set(['site-3']))
    assert.equal(layout.listeners.filter(({ isOpen }) => isOpen).length, 1)
    assert.equal(layout.ties.length, 9 + 20)
  })

  test('gives a joined tie the worst status', () => {
    const listeners = [...many(200), endpoint('site-0', 'bad', 'service-0', 'Error')]
    const { ties } = layoutNetwork(listeners, many(200), [], new Set())
    assert.deepEqual(
      ties.filter(({ status }) => status === 'Error').map(({ fromNamespace }) => fromNamespace),
      ['site-0'],
    )
  })

  test('shows sites without listeners', () => {
    const { listeners } = layoutNetwork([endpoint('west', 'a')], [], ['east', 'west'], new Set())
    assert.deepEqual(
      listeners.map(({ namespace }) => namespace),
      ['east', 'west'],
    )
  })

  test('finds by site, name or routing key, with the counterparts', () => {
    const listeners = [endpoint('west', 'shop', 'orders'), endpoint('west', 'other')]
    const connectors = [endpoint('east', 'orders-db', 'orders')]
    const sites = new Map([
      ['east', 'frankfurt'],
      ['north', 'oslo'],
    ])
    for (const search of ['SHOP', 'orders', 'db', 'east', 'Frankfurt']) {
      const found = searchNetwork(listeners, connectors, sites, search)
      assert.deepEqual([found.listeners, found.connectors], [listeners.slice(0, 1), connectors], search)
    }
    assert.deepEqual(searchNetwork(listeners, connectors, sites, ''), {
      listeners,
      connectors,
      sites: ['east', 'north'],
    })
  })

  test('finds a site without listeners by its name', () =>
    assert.deepEqual(searchNetwork([endpoint('west', 'shop')], [], new Map([['north', 'Oslo']]), 'oslo'), {
      listeners: [],
      connectors: [],
      sites: ['north'],
    }))
})
