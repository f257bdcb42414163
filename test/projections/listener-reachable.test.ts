import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listenerStatus } from '../../projections/listener-status.ts'
import { conditionsOf, resourceStatus } from '../../projections/shared/conditions.ts'
import { listenerCreated, portUpdated } from '../support/domain/event-builders.ts'
import { type Told, tablesAfter } from '../support/projections/recorded.ts'
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

const backendAfter = (...events: readonly Told[]) => {
  const row = tablesAfter(listenerStatus, ...events).listeners.get('listener-west.backend')
  assert.ok(row !== undefined)
  return row
}
const reachable = (...events: readonly Told[]) => {
  const { status, reason, message } = backendAfter(...events).conditions.Reachable ?? {}
  return [status, reason, message]
}
const ready = (...events: readonly Told[]) => backendAfter(...events).conditions.Ready.status

const attached = [routerAttached(), routerConnected()]
const open = [...attached, listenerCreated(PROBED), connectorSeen('1'), listenerOpened()]
const NOT_YET = ['Unknown', 'Pending', 'Not probed yet']

describe('Reachable', () => {
  it('is no condition of a listener that asks for no probe, whatever was found', () => {
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

  it('is the last of four conditions where it is asked for', () => {
    const types = conditionsOf(backendAfter(...open).conditions).map(({ type }) => type)
    assert.deepEqual(types, ['Configured', 'Matched', 'Ready', 'Reachable'])
  })

  it('is not known before a probe, nor is Ready', () => {
    assert.deepEqual(reachable(...open), NOT_YET)
    assert.equal(ready(...open), 'Unknown')
    assert.equal(resourceStatus(backendAfter(...open).conditions), 'Pending')
  })

  it('holds once a probe was answered, and Ready with it', () => {
    assert.deepEqual(reachable(...open, listenerReached()), ['True', 'Ready', 'OK'])
    assert.equal(ready(...open, listenerReached()), 'True')
  })

  it('fails in the words of the probe, and Ready with it', () => {
    const events = [...open, listenerReached(), listenerNotReached('closed at once')]
    assert.deepEqual(reachable(...events), ['False', 'Error', 'closed at once'])
    const { conditions } = backendAfter(...events)
    assert.equal(conditions.Ready.message, 'closed at once')
    assert.equal(resourceStatus(conditions), 'Error')
  })

  it('is not known where Hark itself cannot reach the host', () => {
    const events = [...open, listenerReached(), listenerProbeInconclusive('ENOTFOUND backend')]
    assert.deepEqual(reachable(...events), ['Unknown', 'Pending', 'ENOTFOUND backend'])
    assert.equal(ready(...events), 'Unknown')
  })

  it('says of another generation nothing that was found before', () => {
    const moved = [...open, listenerReached(), portUpdated(2, 8080, 9090), listenerOpened(2)]
    assert.deepEqual(reachable(...moved), NOT_YET)
    assert.deepEqual(reachable(...moved, listenerReached(1)), NOT_YET)
    assert.equal(ready(...moved, listenerReached(2)), 'True')
  })

  it('says nothing of another listener of the name', () => {
    assert.deepEqual(reachable(...open, listenerReached(1, { uid: 'uid-of-another' })), NOT_YET)
  })

  it('is not known while there is nothing to probe, and probed anew after that', () => {
    const gone = [...open, listenerReached(), connectorGone('1')]
    assert.deepEqual(reachable(...gone), ['Unknown', 'Pending', 'Not probed: No matching connectors'])
    assert.deepEqual(reachable(...gone, listenerReached(), connectorSeen('2')), NOT_YET)
  })

  it('is not known while the router is away, and probed anew after that', () => {
    const lost = [...open, listenerReached(), routerLost()]
    const [status, reason] = reachable(...lost)
    assert.deepEqual([status, reason], ['Unknown', 'RouterUnreachable'])
    assert.deepEqual(reachable(...lost, routerConnected()), NOT_YET)
  })

  it('says nothing of what another router had', () => {
    const again = [routerAttached(), routerConnected(), connectorSeen('1'), listenerOpened()]
    assert.deepEqual(reachable(...open, listenerReached(), ...again), NOT_YET)
  })
})
