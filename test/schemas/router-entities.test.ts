import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONDITIONED_KINDS } from '../../schemas/resources/kinds.ts'
import { entityName, entityType, ownerOf, targetEntityName } from '../../schemas/router-entities.ts'

describe('ownerOf', () => {
  it('returns the resource of each entity that a kind has', () => {
    for (const kind of CONDITIONED_KINDS) {
      assert.deepEqual(ownerOf(entityType(kind), entityName(kind, 'db.orders')), { kind, name: 'db.orders' })
    }
  })

  it('returns the listener and the target of the entity of a target', () => {
    const owner = { kind: 'Listener', name: 'backend', target: 'pod-1' }
    assert.deepEqual(ownerOf('tcpListener', targetEntityName('backend', 'pod-1')), owner)
    assert.deepEqual(ownerOf('tcpListener', 'listener/backend@pod-1@x'), { ...owner, target: 'pod-1@x' })
  })

  it('returns nothing for entities of other owners', () => {
    assert.equal(ownerOf('tcpListener', 'backend'), undefined)
    assert.equal(ownerOf('tcpListener', 'connector/backend'), undefined)
    assert.equal(ownerOf('sslProfile', 'listener/backend'), undefined)
  })
})
