import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { routingKeys } from '../../projections/routing-keys.ts'
import {
  connectorCreated,
  connectorDeleted,
  connectorUpdated,
  listenerCreated,
  listenerDeleted,
  portUpdated,
  routingKeyUpdated,
} from '../support/domain/event-builders.ts'
import { connectorSpec } from '../support/domain/specs.ts'
import { type EventInput, tablesAfter } from '../support/projections/recorded.ts'

/** Who uses a routing key after these events. */
const usersOf = (routingKey: string, ...events: readonly EventInput[]): string[] =>
  [...tablesAfter(routingKeys, ...events).uses.where('routingKey', routingKey)]
    .map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)
    .sort()

const east = { namespace: 'east', name: 'api' }

describe('routingKeys', () => {
  it('lists listeners and connectors of every namespace', () => {
    assert.deepEqual(usersOf('backend', listenerCreated(), connectorCreated(), connectorCreated({}, east)), [
      'Connector east/api',
      'Connector west/backend',
      'Listener west/backend',
    ])
  })

  it('removes a resource that takes another key', () => {
    const events = [
      listenerCreated(),
      connectorCreated(),
      routingKeyUpdated(2, 'backend', 'api'),
      connectorUpdated(2, connectorSpec(), connectorSpec({ routingKey: 'api' })),
    ]
    assert.deepEqual(usersOf('backend', ...events), [])
    assert.deepEqual(usersOf('api', ...events), ['Connector west/backend', 'Listener west/backend'])
  })

  it('keeps a resource after other changes', () => {
    const moved = connectorUpdated(2, connectorSpec(), connectorSpec({ port: 9090 }))
    assert.deepEqual(usersOf('backend', listenerCreated(), portUpdated(2, 8080, 9090), connectorCreated(), moved), [
      'Connector west/backend',
      'Listener west/backend',
    ])
  })

  it('removes a deleted resource', () => {
    assert.deepEqual(usersOf('backend', listenerCreated(), connectorCreated(), listenerDeleted()), [
      'Connector west/backend',
    ])
    assert.deepEqual(usersOf('backend', connectorCreated(), connectorDeleted()), [])
  })
})
