import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listenerStatus, matchingConnectors } from '../../projections/listener-status.ts'
import {
  connectorCreated,
  connectorDeleted,
  connectorUpdated,
  listenerCreated,
  routingKeyUpdated,
} from '../support/domain/event-builders.ts'
import { connectorSpec } from '../support/domain/specs.ts'
import { type EventInput, tablesAfter, timeAt } from '../support/projections/recorded.ts'
import {
  connectorGone,
  connectorSeen,
  routerAttached,
  routerConnected,
  routerDetached,
  routerLost,
} from '../support/projections/router-facts.ts'

/** Whether west/backend is matched after these events, shown in three ways, which must agree. */
const isMatched = (...events: readonly EventInput[]): boolean => {
  const tables = tablesAfter(listenerStatus, ...events)
  const row = tables.listeners.get('listener-west.backend')
  assert.ok(row !== undefined)
  const { status, reason, message } = row.conditions.Matched
  const expected = row.hasMatchingConnector ? 'True Ready OK' : 'False Pending No matching connectors'
  assert.equal(`${status} ${reason} ${message}`, expected)
  assert.equal(matchingConnectors(tables, row).length > 0, row.hasMatchingConnector)
  return row.hasMatchingConnector
}

const east = { namespace: 'east' }
const attached = [routerAttached(), routerConnected()]

describe('listenerStatus: Matched without a router', () => {
  it('is True with a connector declared in any namespace, before or after the listener', () => {
    assert.ok(isMatched(listenerCreated(), connectorCreated({}, east)))
    assert.ok(isMatched(connectorCreated({}, east), listenerCreated()))
    assert.ok(isMatched(connectorCreated(), listenerCreated()))
  })

  it('depends on the routing key alone', () => {
    assert.ok(!isMatched(listenerCreated(), connectorCreated({ routingKey: 'other' }, east)))
    assert.ok(isMatched(listenerCreated({ host: 'any', port: 1 }), connectorCreated({ host: 'other', port: 2 }, east)))
  })

  it('is True until the last connector is deleted', () => {
    const two = [listenerCreated(), connectorCreated(), connectorCreated({}, east)]
    assert.ok(isMatched(...two, connectorDeleted()))
    assert.ok(!isMatched(...two, connectorDeleted(), connectorDeleted(east)))
  })

  it('follows changes of routing keys', () => {
    const before = connectorSpec()
    const after = connectorSpec({ routingKey: 'api' })
    const parted = [listenerCreated(), connectorCreated(), connectorUpdated(2, before, after)]
    assert.ok(!isMatched(...parted))
    assert.ok(isMatched(...parted, routingKeyUpdated(2, 'backend', 'api')))
    assert.ok(!isMatched(listenerCreated(), connectorCreated(), routingKeyUpdated(2, 'backend', 'api')))
  })

  it('ignores connectors that only a router has seen', () => {
    assert.ok(!isMatched(listenerCreated(), connectorSeen('c1', east)))
  })
})

describe('listenerStatus: Matched with a router', () => {
  it('is True with a connector that the router sees, declared or not', () => {
    assert.ok(isMatched(listenerCreated(), ...attached, connectorSeen('c1')))
    assert.ok(isMatched(...attached, connectorSeen('c1'), listenerCreated()))
  })

  it('ignores connectors that are only declared', () => {
    assert.ok(!isMatched(listenerCreated(), connectorCreated(), ...attached))
  })

  it('ignores connectors that only the router of another site sees', () => {
    assert.ok(!isMatched(listenerCreated(), ...attached, connectorSeen('c1', east)))
  })

  it('is True until the last connector has gone', () => {
    const two = [listenerCreated(), ...attached, connectorSeen('c1'), connectorSeen('c2')]
    assert.ok(isMatched(...two, connectorGone('c1')))
    assert.ok(!isMatched(...two, connectorGone('c1'), connectorGone('c2')))
    assert.ok(isMatched(...two, connectorGone('c1', east), connectorGone('c2', east)), 'identities are of one site')
  })

  it('is False once the connector is seen with another routing key', () => {
    assert.ok(
      !isMatched(listenerCreated(), ...attached, connectorSeen('c1'), connectorSeen('c1', { routingKey: 'api' })),
    )
  })

  it('is restored when a lost router is connected again', () => {
    assert.ok(isMatched(listenerCreated(), ...attached, connectorSeen('c1'), routerLost(), routerConnected()))
  })

  it('ignores connectors that an earlier router saw', () => {
    const seen = [listenerCreated(), ...attached, connectorSeen('c1')]
    assert.ok(!isMatched(...seen, routerDetached(), ...attached))
    assert.ok(!isMatched(...seen, ...attached))
  })

  it('depends on declared connectors after the router was detached', () => {
    assert.ok(isMatched(listenerCreated(), connectorCreated(), ...attached, routerDetached()))
    assert.ok(!isMatched(listenerCreated(), ...attached, connectorSeen('c1'), routerDetached()))
  })
})

describe('matchingConnectors', () => {
  const matching = (...events: readonly EventInput[]) => {
    const tables = tablesAfter(listenerStatus, ...events)
    const row = tables.listeners.get('listener-west.backend')
    return row === undefined ? [] : matchingConnectors(tables, row)
  }

  it('returns namespace and target of a declared connector', () => {
    assert.deepEqual(matching(listenerCreated(), connectorCreated({ port: 9090 }, { ...east, name: 'b' })), [
      { routingKey: 'backend', namespace: 'east', name: 'b', host: 'backend.internal', port: '9090', since: timeAt(1) },
    ])
  })

  it('returns the site of a connector on the network', () => {
    const seen = { site: 'east-site', name: 'connector/b', host: '10.0.0.1', port: '9090' }
    assert.deepEqual(matching(listenerCreated(), ...attached, connectorSeen('c1', seen)), [
      { routingKey: 'backend', seenFrom: 'west', ...seen, since: timeAt(3) },
    ])
  })

  it('returns since when a connector has had the routing key', () => {
    const before = connectorSpec({ routingKey: 'api' })
    const after = connectorSpec()
    const moved = connectorSpec({ port: 9090 })
    const [found] = matching(
      listenerCreated(),
      connectorCreated({ routingKey: 'api' }),
      connectorUpdated(2, before, after),
      connectorUpdated(3, after, moved),
    )
    assert.equal(found?.since, timeAt(2))
    assert.equal(found?.port, '9090')
  })

  it('returns nothing while the router is unreachable', () => {
    assert.deepEqual(matching(listenerCreated(), ...attached, connectorSeen('c1'), routerLost()), [])
  })
})
