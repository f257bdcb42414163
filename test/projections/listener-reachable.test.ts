import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listenerStatus } from '../../projections/listener-status.ts'
import { conditionsOf, resourceStatus } from '../../projections/shared/evaluate-conditions.ts'
import { listenerCreated, portUpdated } from '../support/domain/event-builders.ts'
import { type EventInput, tablesAfter } from '../support/projections/recorded.ts'
import {
  connectorGone,
  connectorSeen,
  listenerNotReached,
  listenerOpened,
  listenerProbeInconclusive,
  listenerReached,
  routerAttached,
  routerConnected,
  routerLost,
} from '../support/projections/router-facts.ts'

const PROBED = { settings: { observer: 'auto', probe: 'tcp', probeIntervalSeconds: '10' } } as const

const backendAfter = (...events: readonly EventInput[]) => {
  const row = tablesAfter(listenerStatus, ...events).listeners.get('listener-west.backend')
  assert.ok(row !== undefined)
  return row
}
const reachable = (...events: readonly EventInput[]) => {
  const { status, reason, message } = backendAfter(...events).conditions.Reachable ?? {}
  return [status, reason, message]
}
const ready = (...events: readonly EventInput[]) => backendAfter(...events).conditions.Ready.status

const attached = [routerAttached(), routerConnected()]
const open = [...attached, listenerCreated(PROBED), connectorSeen('1'), listenerOpened()]
const NOT_YET = ['Unknown', 'Pending', 'Not probed yet']

describe('listenerStatus: Reachable', () => {
  it('is absent without a probe', () => {
    const unprobed = [...attached, listenerCreated(), connectorSeen('1'), listenerOpened()]
    for (const events of [unprobed, [...unprobed, listenerNotReached('closed')]]) {
      const row = backendAfter(...events)
      assert.deepEqual(
        conditionsOf(row.conditions).map(({ type }) => type),
        ['Configured', 'Matched', 'Ready'],
      )
      assert.equal(row.conditions.Ready.status, 'True')
    }
  })

  it('is the last of four conditions with a probe', () => {
    const types = conditionsOf(backendAfter(...open).conditions).map(({ type }) => type)
    assert.deepEqual(types, ['Configured', 'Matched', 'Ready', 'Reachable'])
  })

  it('is Unknown before the first probe, as is Ready', () => {
    assert.deepEqual(reachable(...open), NOT_YET)
    assert.equal(ready(...open), 'Unknown')
    assert.equal(resourceStatus(backendAfter(...open).conditions), 'Pending')
  })

  it('is True after a successful probe, as is Ready', () => {
    assert.deepEqual(reachable(...open, listenerReached()), ['True', 'Ready', 'OK'])
    assert.equal(ready(...open, listenerReached()), 'True')
  })

  it('is an error with the message of a failed probe, as is Ready', () => {
    const events = [...open, listenerReached(), listenerNotReached('closed immediately')]
    assert.deepEqual(reachable(...events), ['False', 'Error', 'closed immediately'])
    const { conditions } = backendAfter(...events)
    assert.equal(conditions.Ready.message, 'closed immediately')
    assert.equal(resourceStatus(conditions), 'Error')
  })

  it('is Unknown after an inconclusive probe', () => {
    const events = [...open, listenerReached(), listenerProbeInconclusive('ENOTFOUND backend')]
    assert.deepEqual(reachable(...events), ['Unknown', 'Pending', 'ENOTFOUND backend'])
    assert.equal(ready(...events), 'Unknown')
  })

  it('ignores probes of an earlier generation', () => {
    const moved = [...open, listenerReached(), portUpdated(2, 8080, 9090), listenerOpened(2)]
    assert.deepEqual(reachable(...moved), NOT_YET)
    assert.deepEqual(reachable(...moved, listenerReached(1)), NOT_YET)
    assert.equal(ready(...moved, listenerReached(2)), 'True')
  })

  it('ignores probes of a deleted listener of that name', () => {
    assert.deepEqual(reachable(...open, listenerReached(1, { uid: 'uid-of-another' })), NOT_YET)
  })

  it('is Unknown while the listener is not matched, until the next probe', () => {
    const gone = [...open, listenerReached(), connectorGone('1')]
    assert.deepEqual(reachable(...gone), ['Unknown', 'Pending', 'Not probed: No matching connectors'])
    assert.deepEqual(reachable(...gone, listenerReached(), connectorSeen('2')), NOT_YET)
  })

  it('is Unknown while the router is unreachable, until the next probe', () => {
    const lost = [...open, listenerReached(), routerLost()]
    const [status, reason] = reachable(...lost)
    assert.deepEqual([status, reason], ['Unknown', 'RouterUnreachable'])
    assert.deepEqual(reachable(...lost, routerConnected()), NOT_YET)
  })

  it('drops probes of an earlier router', () => {
    const again = [routerAttached(), routerConnected(), connectorSeen('1'), listenerOpened()]
    assert.deepEqual(reachable(...open, listenerReached(), ...again), NOT_YET)
  })
})
