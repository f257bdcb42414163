import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Entity } from '../../../src/router/amqp/management.ts'
import { settled, setUp, TYPE } from './test-reconciler.ts'

describe('EntityReconciler', () => {
  it('ignores an observation that its last request has overtaken', async () => {
    const { router, desired, entities, drifts } = setUp()
    await settled(entities)
    const late = Promise.withResolvers<void>()
    const query = router.query.bind(router)
    router.query = async type => {
      const found = await query(type)
      await late.promise
      return found
    }
    const observing = entities.observe()
    for (let turns = 0; turns < 2; turns += 1) await turn()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    for (let turns = 0; turns < 4; turns += 1) await turn()
    assert.ok(router.entities.has('listener/a'))
    late.resolve()
    await observing
    await settled(entities)
    assert.deepEqual([drifts, router.creations], [[], ['listener/a']])
  })

  it('detects closed sockets and deleted listeners by observing sockets alone', async () => {
    const { router, desired, entities, drifts } = setUp()
    await entities.observe()
    entities.reconcile(desired.become(['a', 'b'].map(name => ({ name, port: 1 }))))
    await settled(entities)
    const become = (name: string, state: Entity) =>
      router.entities.set(name, { ...(router.entities.get(name) as Entity), ...state })
    become('listener/a', { operStatus: 'up' })
    await entities.observeSockets()
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'open')
    assert.ok(entities.hasOpenSockets)
    become('listener/a', { operStatus: 'down', connectionMsg: 'Address already in use' })
    await entities.observeSockets()
    const { socket, message } = entities.state('tcpListener', 'listener/a')
    assert.deepEqual([socket, message], ['failed', 'Address already in use'])
    assert.ok(!entities.hasOpenSockets)
    router.entities.delete('listener/b')
    await entities.observeSockets()
    assert.deepEqual(drifts, ['listener/b'])
    await settled(entities)
    assert.ok(router.entities.has('listener/b'))
    assert.ok(!entities.needsFullObservation)
    router.entities.set('listener/leftover', { type: TYPE.tcpListener, name: 'listener/leftover' })
    await entities.observeSockets()
    assert.ok(entities.needsFullObservation)
    await settled(entities)
    assert.ok(!entities.needsFullObservation)
    assert.ok(!router.entities.has('listener/leftover'))
  })

  it('reports drift for changes of others, and not for its own', async () => {
    const { router, desired, drifts, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    entities.reconcile(desired.become([{ name: 'a', port: 2 }]))
    await settled(entities)
    assert.deepEqual(drifts, [])
    router.entities.delete('listener/a')
    await settled(entities)
    assert.deepEqual(drifts, ['listener/a'])
    router.entities.set('listener/a', { ...(router.entities.get('listener/a') as Entity), host: 'elsewhere' })
    await settled(entities)
    assert.deepEqual(drifts, ['listener/a', 'listener/a'])
    assert.equal(router.entities.get('listener/a')?.host, 'a')
  })

  it('ignores an observation of an entity whose request has no response yet', async () => {
    const { router, desired, drifts, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    const answered = Promise.withResolvers<void>()
    const create = router.create.bind(router)
    router.create = async (...request) => {
      const created = await create(...request)
      await answered.promise
      return created
    }
    entities.reconcile(desired.become([{ name: 'a', port: 2 }]))
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await entities.observe()
    answered.resolve()
    await settled(entities)
    assert.equal(router.entities.get('listener/a')?.port, '1')
    assert.deepEqual(drifts, [])
  })

  it('creates a listener again whose predecessor still held the socket, and reports a second failure', async () => {
    const { router, desired, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    router.entities.set('listener/a', { ...(router.entities.get('listener/a') as Entity), operStatus: 'up' })
    await entities.observe()
    const create = router.create.bind(router)
    const failure = { operStatus: 'down', connectionMsg: 'Address already in use' }
    router.create = async (type, name, attributes) =>
      create(type, name, type === TYPE.tcpListener ? { ...attributes, ...failure } : attributes)
    entities.reconcile(desired.become([{ name: 'a', port: 1, profile: 'tls-x' }]))
    for (let turns = 0; turns < 8; turns += 1) await turn()
    await entities.observe()
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'closed')
    await settled(entities)
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'failed')
    assert.equal(router.creations.filter(name => name === 'listener/a').length, 3)
  })

  it('reports a failure at once if a listener was created again and its socket was open since', async () => {
    const { router, desired, entities } = setUp()
    const report = (attributes: Entity): void => {
      router.entities.set('listener/a', { ...(router.entities.get('listener/a') as Entity), ...attributes })
    }
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    report({ operStatus: 'up' })
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1, profile: 'tls-x' }]))
    await settled(entities)
    report({ operStatus: 'up' })
    await entities.observe()
    report({ operStatus: 'down', connectionMsg: 'Address already in use' })
    await entities.observe()
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'failed')
    assert.equal(router.creations.filter(name => name === 'listener/a').length, 2)
  })

  it('has a stale socket until an observation that began later', async () => {
    const { desired, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    const observing = entities.observe()
    entities.markStale('listener/a')
    await observing
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'stale')
    await entities.observe()
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'closed')
  })
})
