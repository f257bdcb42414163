import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listenerStatus } from '../../projections/listener-status.ts'
import {
  connectorCreated,
  connectorUpdated,
  hostUpdated,
  listenerCreated,
  listenerDeleted,
  portUpdated,
  routingKeyUpdated,
} from '../support/domain/event-builders.ts'
import { connectorSpec, listenerSpec } from '../support/domain/specs.ts'
import { type EventInput, positionAt, tablesAfter, timeAt } from '../support/projections/recorded.ts'
import {
  listenerAccepted,
  listenerOpened,
  routerAttached,
  routerConnected,
  routerLost,
} from '../support/projections/router-facts.ts'

const backendAfter = (...events: readonly EventInput[]) => {
  const row = tablesAfter(listenerStatus, ...events).listeners.get('listener-west.backend')
  assert.ok(row !== undefined)
  return row
}
const attached = [routerAttached(), routerConnected()]

describe('listenerStatus', () => {
  it('creates a listener at generation 1, with time and position of the event', () => {
    const { conditions: _, ...row } = backendAfter(connectorCreated(), listenerCreated())
    assert.deepEqual(row, {
      namespace: 'west',
      name: 'backend',
      uid: 'uid-1',
      generation: 1,
      creationTimestamp: timeAt(1),
      resourceVersion: positionAt(1),
      revision: 0,
      spec: listenerSpec(),
      hasMatchingConnector: true,
    })
  })

  it('applies every change to the spec', () => {
    const row = backendAfter(
      listenerCreated({ tlsCredentials: 'certs' }),
      routingKeyUpdated(2, 'backend', 'api'),
      hostUpdated(2, 'backend', '::1'),
      portUpdated(3, 8080, 9090),
    )
    assert.deepEqual(row.spec, listenerSpec({ tlsCredentials: 'certs', routingKey: 'api', host: '::1', port: 9090 }))
    assert.equal(row.generation, 3)
    assert.equal(row.revision, 3)
    assert.equal(row.creationTimestamp, timeAt(0))
    for (const { observedGeneration } of Object.values(row.conditions)) assert.equal(observedGeneration, 3)
  })

  it('keeps the revision of a deleted listener until its name is used again', () => {
    const deletedAfter = (...events: Parameters<typeof tablesAfter>[1][]) =>
      tablesAfter(listenerStatus, ...events).deleted.get('listener-west.backend')
    assert.deepEqual(deletedAfter(listenerCreated(), listenerDeleted()), { revision: 1 })
    assert.equal(deletedAfter(listenerCreated(), listenerDeleted(), listenerCreated()), undefined)
  })

  it('removes a deleted listener, and adds a new one of that name', () => {
    assert.equal(tablesAfter(listenerStatus, listenerCreated(), listenerDeleted()).listeners.size, 0)
    const row = backendAfter(
      listenerCreated(),
      portUpdated(2, 8080, 9090),
      listenerDeleted(),
      listenerCreated({}, { uid: 'uid-2' }),
    )
    assert.equal(row.uid, 'uid-2')
    assert.equal(row.generation, 1)
    assert.equal(row.revision, 3)
    assert.equal(row.creationTimestamp, timeAt(3))
    assert.equal(row.conditions.Ready.lastTransitionTime, timeAt(3))
  })
})

describe('resourceVersion of a listener', () => {
  const versionAfter = (...events: readonly EventInput[]) => backendAfter(...events).resourceVersion

  it('is the position of the last change of the spec', () => {
    assert.equal(versionAfter(listenerCreated(), portUpdated(2, 8080, 9090)), positionAt(1))
  })

  it('is the position of the last change of the status', () => {
    assert.equal(versionAfter(listenerCreated(), connectorCreated()), positionAt(1))
    assert.equal(versionAfter(listenerCreated(), ...attached, listenerAccepted()), positionAt(3))
    assert.equal(versionAfter(listenerCreated(), ...attached, routerLost()), positionAt(3))
  })

  it('is the position of the last change of matching connectors', () => {
    const second = connectorCreated({}, { namespace: 'west', name: 'second' })
    assert.equal(versionAfter(listenerCreated(), connectorCreated(), second), positionAt(2))
  })

  it('stays the same if neither spec nor status change', () => {
    const { namespace } = { namespace: 'east' }
    const after = [
      connectorCreated({ routingKey: 'other' }),
      connectorUpdated(2, connectorSpec(), connectorSpec({ includeNotReadyPods: true }), { namespace }),
      listenerCreated({}, { namespace }),
    ]
    assert.equal(versionAfter(connectorCreated({}, { namespace }), listenerCreated(), ...after), positionAt(1))
    assert.equal(versionAfter(listenerCreated(), ...attached, listenerAccepted(), listenerOpened()), positionAt(3))
  })
})

describe('lastTransitionTime', () => {
  it('is the time of the last change of the status', () => {
    const { conditions } = backendAfter(
      listenerCreated(),
      connectorCreated(),
      ...attached,
      listenerAccepted(),
      portUpdated(2, 8080, 9090),
      listenerAccepted(2),
      routerLost('first'),
      routerLost('second'),
    )
    assert.equal(conditions.Configured.lastTransitionTime, timeAt(7))
    assert.equal(conditions.Configured.message, 'The router does not respond: second')
  })

  it('is separate for each condition', () => {
    const { conditions } = backendAfter(listenerCreated(), connectorCreated())
    assert.equal(conditions.Configured.lastTransitionTime, timeAt(0))
    assert.equal(conditions.Matched.lastTransitionTime, timeAt(1))
    assert.equal(conditions.Ready.lastTransitionTime, timeAt(0))
  })
})
