import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  filterParameters,
  type LaneFilter,
  NO_FILTER,
  parseFilter,
  selectsSubject,
} from '../../../src/console/lanes/filter.ts'

const parse = (parameters: Readonly<Record<string, string | undefined>>): LaneFilter =>
  parseFilter(name => parameters[name])
const BACKEND = { kind: 'Listener', namespace: 'west', name: 'backend' } as const

describe('the filter of the lanes', () => {
  test('is the same after a way through the address', () => {
    const filter: LaneFilter = {
      name: '^back',
      namespace: 'west',
      status: 'Error',
      wasNotReady: true,
      kinds: ['Listener'],
      order: 'NotReady',
    }
    assert.deepEqual(parse(filterParameters(filter)), filter)
    assert.deepEqual(parse(filterParameters(NO_FILTER)), NO_FILTER)
  })

  for (const kind of ['Listener', 'Connector', 'MultiKeyListener', 'Router'] as const)
    test(`keeps the kind ${kind} in the address`, () => {
      assert.deepEqual(parse(filterParameters({ ...NO_FILTER, kinds: [kind] })).kinds, [kind])
    })

  test('leaves nothing in the address when it selects everything', () => {
    assert.deepEqual(new Set(Object.values(filterParameters(NO_FILTER))), new Set([undefined]))
  })

  test('selects everything where the address cannot be read', () => {
    assert.deepEqual(parse({ name: '(', kind: 'Site', status: 'Fine', order: 'best' }), NO_FILTER)
  })

  test('selects events by the name, namespace and kind of their resources', () => {
    for (const [part, isSelected] of [
      [{}, true],
      [{ name: '^back' }, true],
      [{ name: '^end' }, false],
      [{ namespace: 'east' }, false],
      [{ kinds: ['Connector'] }, false],
      [{ kinds: ['Listener'], status: 'Error' }, true],
    ] as const)
      assert.equal(selectsSubject({ ...NO_FILTER, ...part }, BACKEND), isSelected, JSON.stringify(part))
  })

  test('selects events without a resource only if it selects everything', () => {
    assert.ok(selectsSubject(NO_FILTER, undefined))
    assert.ok(!selectsSubject({ ...NO_FILTER, namespace: 'west' }, undefined))
  })
})
