import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONDITIONED_KINDS } from '../../schemas/resources/kinds.ts'
import {
  addressName,
  entityName,
  entityType,
  isAddressNameOf,
  ownerOf,
  targetEntityName,
} from '../../schemas/router-entities.ts'

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

describe('addressName', () => {
  it("is Skupper's, except for a MultiKeyListener whose name begins the names of other entities", () => {
    assert.equal(addressName('backend', 'east/1'), 'backend/east/1')
    assert.equal(addressName('listener', 'east'), 'multiAddress/listener/east')
    assert.equal(addressName('connector', 'east'), 'multiAddress/connector/east')
  })

  it('differs from the name of each other entity, and from those of other MultiKeyListeners', () => {
    const names = ['listener', 'connector', 'a', 'listener.a']
    const keys = ['a', 'a/a', 'listener/a', 'connector', 'multiAddress/a']
    const addresses = names.flatMap(name => keys.map(key => addressName(name, key)))
    const others = CONDITIONED_KINDS.flatMap(kind => names.map(name => entityName(kind, name)))
    const all = [...addresses, ...others, targetEntityName('listener', 'a')]
    assert.equal(new Set(all).size, all.length)
  })

  it('leads back to its MultiKeyListener and routing key, also from the name of an earlier version', () => {
    for (const name of ['backend', 'listener']) {
      const owner = { kind: 'MultiKeyListener', name, routingKey: 'east/1' }
      for (const address of [addressName(name, 'east/1'), `${name}/east/1`]) {
        assert.deepEqual(ownerOf('listenerAddress', address), owner)
        assert.ok(isAddressNameOf(name, address))
      }
      assert.ok(!isAddressNameOf(name, addressName('other', 'east/1')))
    }
  })
})
