import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listenerStatus } from '../../projections/listener-status.ts'
import { type Conditions, resourceStatus } from '../../projections/shared/evaluate-conditions.ts'
import { connectorCreated, listenerCreated, listenerDeleted, portUpdated } from '../support/domain/event-builders.ts'
import { type EventInput, tablesAfter } from '../support/projections/recorded.ts'
import {
  connectorSeen,
  listenerAccepted,
  listenerFailedToOpen,
  listenerOpened,
  listenerRefused,
  routerAttached,
  routerConnected,
  routerDetached,
  routerLost,
} from '../support/projections/router-facts.ts'

const backendAfter = (...events: readonly EventInput[]) => {
  const row = tablesAfter(listenerStatus, ...events).listeners.get('listener-west.backend')
  assert.ok(row !== undefined)
  return row
}

const condition = (type: keyof Conditions, ...events: readonly EventInput[]) => {
  const { status, reason, message } = backendAfter(...events).conditions[type]!
  return [status, reason, message]
}
const configured = (...events: readonly EventInput[]) => condition('Configured', ...events)

const attached = [routerAttached(), routerConnected()]
const HOLDS = ['True', 'Ready', 'OK']
const NOT_CONFIGURED = ['False', 'Pending', 'Not Configured']
const NO_ROUTER = ['False', 'Pending', 'No router attached']

describe('listenerStatus: Configured', () => {
  it('is pending without a router', () => {
    assert.deepEqual(configured(listenerCreated()), NO_ROUTER)
  })

  it('reports that a type other than tcp is not supported', () => {
    const message = 'Not Configured: Skupper routes TCP only, and the type is udp'
    assert.deepEqual(configured(listenerCreated({ type: 'udp' }), ...attached), ['False', 'Pending', message])
  })

  it('is Unknown until the router is connected', () => {
    assert.deepEqual(configured(listenerCreated(), routerAttached()), ['Unknown', 'RouterUnreachable', 'Connecting'])
  })

  it('is pending until the router has accepted the listener', () => {
    assert.deepEqual(configured(listenerCreated(), ...attached), NOT_CONFIGURED)
    assert.deepEqual(configured(...attached, listenerCreated()), NOT_CONFIGURED)
  })

  it('is True once the router has accepted or opened the listener', () => {
    assert.deepEqual(configured(listenerCreated(), ...attached, listenerAccepted()), HOLDS)
    assert.deepEqual(configured(listenerCreated(), ...attached, listenerAccepted(), listenerOpened()), HOLDS)
  })

  it("is an error with the router's message after a rejection", () => {
    const row = backendAfter(listenerCreated(), ...attached, listenerRefused('Invalid sslProfile'))
    assert.equal(row.conditions.Configured.reason, 'Error')
    assert.equal(row.conditions.Configured.message, 'Invalid sslProfile')
    assert.equal(row.conditions.Ready.message, 'Invalid sslProfile')
    assert.equal(resourceStatus(row.conditions), 'Error')
  })

  it('is an error if the router cannot open the socket', () => {
    const events = [
      listenerCreated(),
      ...attached,
      listenerAccepted(),
      connectorSeen('c1'),
      listenerFailedToOpen('Address already in use'),
    ]
    assert.deepEqual(configured(...events), ['False', 'Error', 'Address already in use'])
    assert.deepEqual(condition('Ready', ...events), ['False', 'Error', 'Address already in use'])
  })

  it('is True again once a failed socket is opened', () => {
    assert.deepEqual(
      configured(listenerCreated(), ...attached, listenerAccepted(), listenerFailedToOpen('in use'), listenerOpened()),
      HOLDS,
    )
  })

  it('is pending after each change of the spec, until the router accepts it', () => {
    const changed = [listenerCreated(), ...attached, listenerAccepted(1), portUpdated(2, 8080, 9090)]
    assert.deepEqual(configured(...changed), NOT_CONFIGURED)
    assert.deepEqual(configured(...changed, listenerOpened(1)), NOT_CONFIGURED)
    assert.deepEqual(configured(...changed, listenerAccepted(2)), HOLDS)
  })

  it('drops an error of an earlier generation', () => {
    const changed = [listenerCreated(), ...attached, listenerRefused('no'), portUpdated(2, 8080, 9090)]
    assert.deepEqual(configured(...changed), NOT_CONFIGURED)
  })

  it('is Unknown while the router is unreachable, and restored afterwards', () => {
    const held = [listenerCreated(), ...attached, listenerAccepted()]
    assert.deepEqual(configured(...held, routerLost('no route')), [
      'Unknown',
      'RouterUnreachable',
      'The router does not respond: no route',
    ])
    assert.deepEqual(configured(...held, routerLost('no route'), routerConnected()), HOLDS)
  })

  it('is pending after the router was detached', () => {
    assert.deepEqual(configured(listenerCreated(), ...attached, listenerAccepted(), routerDetached()), NO_ROUTER)
  })

  it('drops the reports of an earlier router', () => {
    const held = [listenerCreated(), ...attached, listenerAccepted()]
    assert.deepEqual(configured(...held, routerDetached(), ...attached), NOT_CONFIGURED)
    assert.deepEqual(configured(...held, ...attached), NOT_CONFIGURED)
  })

  it('drops the reports of an earlier router for all listeners', () => {
    const names = Array.from({ length: 12 }, (_, index) => `l${index}`)
    const of = (name: string, fact: EventInput) => ({ ...fact, data: { ...fact.data, name, uid: name } }) as EventInput
    const held = names.flatMap(name => [of(name, listenerCreated()), of(name, listenerAccepted())])
    const { listeners } = tablesAfter(listenerStatus, ...attached, ...held, ...attached)
    const messages = names.map(name => listeners.get(`listener-west.${name}`)?.conditions.Configured.message)
    assert.deepEqual(
      messages,
      names.map(() => 'Not Configured'),
    )
  })

  it('ignores reports about a deleted listener of that name', () => {
    const again = [
      listenerCreated(),
      ...attached,
      listenerDeleted(),
      listenerCreated({}, { uid: 'uid-2' }),
      listenerAccepted(1, { uid: 'uid-1' }),
    ]
    assert.deepEqual(configured(...again), NOT_CONFIGURED)
    assert.deepEqual(configured(...again, listenerAccepted(1, { uid: 'uid-2' })), HOLDS)
  })

  it('ignores routers of other sites, and reports about other listeners', () => {
    const east = { namespace: 'east' }
    const held = [listenerCreated(), ...attached, listenerAccepted()]
    assert.deepEqual(configured(listenerCreated(), routerAttached(east), routerConnected(east)), NO_ROUTER)
    assert.deepEqual(configured(...held, routerLost('no route', east)), HOLDS)
    assert.deepEqual(configured(...held, listenerRefused('no', 1, { name: 'other' })), HOLDS)
  })

  it('ignores reports about a deleted listener', () => {
    const tables = tablesAfter(listenerStatus, listenerCreated(), ...attached, listenerDeleted(), listenerAccepted())
    assert.equal(tables.listeners.size, 0)
  })
})

describe('listenerStatus after RouterLost', () => {
  it('has Matched Unknown as well', () => {
    const row = backendAfter(
      listenerCreated(),
      connectorCreated(),
      ...attached,
      connectorSeen('c1'),
      routerLost('gone'),
    )
    assert.deepEqual(
      Object.values(row.conditions).map(({ status, message }) => `${status}: ${message}`),
      Array(3).fill('Unknown: The router does not respond: gone'),
    )
    assert.equal(row.hasMatchingConnector, false)
    assert.equal(resourceStatus(row.conditions), 'Pending')
  })
})
