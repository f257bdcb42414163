import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endpointClaims } from '../../projections/endpoint-claims.ts'
import type { DomainEvent } from '../../schemas/events/events.ts'
import { connectorCreated, listenerCreated, listenerDeleted } from '../support/domain/event-builders.ts'
import { type EventInput, tablesAfter } from '../support/projections/recorded.ts'

const claimed = (stream: string, expectedRevision: number, host = 'backend') =>
  ({
    type: 'EndpointReserved',
    data: { namespace: 'west', host, port: 8080, claim: { stream, expectedRevision, events: [] } },
  }) satisfies DomainEvent

const backend = 'listener-west.backend'

/** The endpoints with open claims, and their listeners. */
const openAfter = (...events: readonly EventInput[]): string[] =>
  [...tablesAfter(endpointClaims, ...events).open.rows()].map(row => `${row.stream} for ${row.claim.stream}`).sort()

describe('endpointClaims', () => {
  it('keeps a claim open until its append', () => {
    const open = 'endpoint-west.backend:8080 for listener-west.backend'
    assert.deepEqual(openAfter(claimed(backend, -1)), [open])
    assert.deepEqual(openAfter(claimed(backend, -1), listenerCreated()), [])
    assert.deepEqual(openAfter(listenerCreated(), listenerDeleted(), claimed(backend, 1)), [open])
  })

  it('closes a claim after another event of its listener', () => {
    assert.deepEqual(openAfter(listenerCreated(), claimed(backend, 0), listenerDeleted()), [])
  })

  it('keeps a claim open after events of other resources', () => {
    const others = [listenerCreated({}, { name: 'other' }), connectorCreated()]
    assert.equal(openAfter(claimed(backend, -1), ...others).length, 1)
  })

  it('replaces a claim by a later one of the same endpoint', () => {
    assert.deepEqual(openAfter(claimed(backend, -1), claimed('listener-west.other', -1)), [
      'endpoint-west.backend:8080 for listener-west.other',
    ])
  })

  it('keeps several claims of one listener', () => {
    const both = [claimed(backend, -1), claimed(backend, -1, 'api')]
    assert.equal(openAfter(...both).length, 2)
    assert.deepEqual(openAfter(...both, listenerCreated()), [])
  })
})
