import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connectorStatus } from '../../projections/connector-status.ts'
import type { Conditions } from '../../projections/shared/evaluate-conditions.ts'
import {
  connectorCreated,
  connectorDeleted,
  connectorUpdated,
  listenerCreated,
  listenerDeleted,
  routingKeyUpdated,
} from '../support/domain/event-builders.ts'
import { connectorSpec } from '../support/domain/specs.ts'
import { type EventInput, positionAt, tablesAfter, timeAt } from '../support/projections/recorded.ts'
import {
  connectorAccepted,
  connectorRefused,
  listenerGone,
  listenerSeen,
  routerAttached,
  routerConnected,
  routerDetached,
  routerLost,
} from '../support/projections/router-facts.ts'

const backendAfter = (...events: readonly EventInput[]) => {
  const row = tablesAfter(connectorStatus, ...events).connectors.get('connector-west.backend')
  assert.ok(row !== undefined)
  return row
}
const condition = (type: keyof Conditions, ...events: readonly EventInput[]) => {
  const { status, reason, message } = backendAfter(...events).conditions[type]!
  return [status, reason, message]
}

const east = { namespace: 'east' }
const attached = [routerAttached(), routerConnected()]
const HOLDS = ['True', 'Ready', 'OK']
const NOT_CONFIGURED = ['False', 'Pending', 'Not Configured']
const moved = connectorUpdated(2, connectorSpec(), connectorSpec({ port: 9090 }))

describe('connectorStatus: Configured', () => {
  const configured = (...events: readonly EventInput[]) => condition('Configured', ...events)

  it('is True once the router has accepted the current generation', () => {
    assert.deepEqual(configured(connectorCreated()), ['False', 'Pending', 'No router attached'])
    assert.deepEqual(configured(connectorCreated(), ...attached), NOT_CONFIGURED)
    assert.deepEqual(configured(connectorCreated(), ...attached, connectorAccepted()), HOLDS)
    assert.deepEqual(configured(connectorCreated(), ...attached, connectorAccepted(), moved), NOT_CONFIGURED)
    assert.deepEqual(configured(connectorCreated(), ...attached, moved, connectorAccepted(2)), HOLDS)
  })

  it('is False with a selector instead of a host, with or without a router', () => {
    const { host, ...withoutHost } = connectorSpec()
    const selecting = connectorUpdated(2, connectorSpec(), { ...withoutHost, selector: 'app=backend' })
    for (const router of [[], attached, [...attached, routerDetached()]]) {
      const [status, reason, message] = configured(connectorCreated(), selecting, ...router)
      assert.deepEqual([status, reason], ['False', 'Pending'])
      assert.match(message ?? '', /selectors are not supported: use host$/)
    }
    assert.deepEqual(configured(connectorCreated(), selecting, ...attached, routerLost('no route'))[0], 'Unknown')
  })

  it("is False with the router's message after a rejection", () => {
    const refused = [connectorCreated(), ...attached, connectorRefused('Invalid host')]
    assert.deepEqual(configured(...refused), ['False', 'Error', 'Invalid host'])
    assert.deepEqual(condition('Ready', ...refused), ['False', 'Error', 'Invalid host'])
  })

  it('is Unknown while the router is unreachable', () => {
    assert.deepEqual(configured(connectorCreated(), ...attached, connectorAccepted(), routerLost('no route')), [
      'Unknown',
      'RouterUnreachable',
      'The router does not respond: no route',
    ])
  })

  it('ignores reports about a deleted connector of that name, and of an earlier router', () => {
    assert.deepEqual(
      configured(
        connectorCreated(),
        ...attached,
        connectorDeleted(),
        connectorCreated({}, { uid: 'uid-2' }),
        connectorAccepted(),
      ),
      NOT_CONFIGURED,
    )
    assert.deepEqual(configured(connectorCreated(), ...attached, connectorAccepted(), routerDetached()), [
      'False',
      'Pending',
      'No router attached',
    ])
    assert.deepEqual(
      configured(connectorCreated(), ...attached, connectorAccepted(), routerDetached(), ...attached),
      NOT_CONFIGURED,
    )
  })
})

describe('connectorStatus: Matched', () => {
  const isMatched = (...events: readonly EventInput[]): boolean => {
    const { hasMatchingListener, conditions } = backendAfter(...events)
    const { status, message } = conditions.Matched
    assert.equal(`${status} ${message}`, hasMatchingListener ? 'True OK' : 'False No matching listeners')
    return hasMatchingListener
  }

  it('is True with a listener declared in any namespace, if no router is attached', () => {
    assert.ok(isMatched(connectorCreated(), listenerCreated({}, east)))
    assert.ok(isMatched(listenerCreated({}, east), connectorCreated()))
    assert.ok(!isMatched(connectorCreated(), listenerCreated({ routingKey: 'other' }, east)))
    assert.ok(!isMatched(connectorCreated(), listenerCreated(), listenerDeleted()))
    assert.ok(!isMatched(connectorCreated(), listenerCreated(), routingKeyUpdated(2, 'backend', 'api')))
  })

  it('is True with a listener that its own router sees, if one is attached', () => {
    assert.ok(isMatched(connectorCreated(), ...attached, listenerSeen('l1')))
    assert.ok(!isMatched(connectorCreated(), ...attached, listenerSeen('l1', east)))
    assert.ok(!isMatched(connectorCreated(), listenerCreated(), ...attached))
    assert.ok(!isMatched(connectorCreated(), ...attached, listenerSeen('l1'), listenerGone('l1')))
    assert.ok(!isMatched(connectorCreated(), ...attached, listenerSeen('l1'), ...attached))
  })

  it('follows a change of the routing key', () => {
    const rekeyed = connectorUpdated(2, connectorSpec(), connectorSpec({ routingKey: 'api' }))
    assert.ok(!isMatched(connectorCreated(), listenerCreated(), rekeyed))
    assert.ok(isMatched(connectorCreated(), listenerCreated({ routingKey: 'api' }), rekeyed))
  })
})

describe('connectorStatus', () => {
  it('is Ready when it is configured and matched', () => {
    assert.deepEqual(
      condition('Ready', connectorCreated(), ...attached, connectorAccepted(), listenerSeen('l1')),
      HOLDS,
    )
  })

  it('shows spec, generation and version of the last change', () => {
    const row = backendAfter(connectorCreated(), moved)
    assert.deepEqual(row.spec, connectorSpec({ port: 9090 }))
    assert.equal(row.generation, 2)
    assert.equal(row.resourceVersion, positionAt(1))
    assert.equal(row.revision, 1)
    assert.equal(row.creationTimestamp, timeAt(0))
    for (const { observedGeneration, lastTransitionTime } of Object.values(row.conditions)) {
      assert.equal(observedGeneration, 2)
      assert.equal(lastTransitionTime, timeAt(0))
    }
  })

  it('removes a deleted connector, and adds a new one of that name', () => {
    assert.equal(tablesAfter(connectorStatus, connectorCreated(), connectorDeleted()).connectors.size, 0)
    const row = backendAfter(connectorCreated(), moved, connectorDeleted(), connectorCreated({}, { uid: 'uid-2' }))
    assert.deepEqual([row.uid, row.generation, row.revision], ['uid-2', 1, 3])
  })
})
