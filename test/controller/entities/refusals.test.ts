import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { RouterRefusal } from '../../../src/router/amqp/management.ts'
import { settled, setUp, TYPE } from './test-reconciler.ts'

describe('EntityReconciler', () => {
  it('does not send a refused entity again until it changes or two seconds have passed', async () => {
    const { router, desired, entities, pass } = setUp()
    await settled(entities)
    const create = router.create.bind(router)
    const ports: unknown[] = []
    router.create = async (_, __, { port }) => {
      ports.push(port)
      throw new RouterRefusal(400, 'no')
    }
    const a = { name: 'a', port: 1 }
    entities.reconcile(desired.become([a]))
    await settled(entities)
    entities.reconcile(desired.become([a]))
    entities.retry()
    await settled(entities)
    assert.deepEqual(ports, ['1'])
    entities.reconcile(desired.become([{ ...a, port: 2 }]))
    await settled(entities)
    assert.deepEqual(ports, ['1', '2'])
    pass(1999)
    entities.retry()
    await settled(entities)
    assert.deepEqual(ports, ['1', '2'])
    router.create = create
    pass(1)
    entities.retry()
    await settled(entities)
    assert.deepEqual(router.creations, ['listener/a'])
  })

  it('retries at most a hundred failures at once, and the oldest first', async () => {
    const { router, desired, entities, pass } = setUp()
    await settled(entities)
    const tried: string[] = []
    router.create = async (_, name) => {
      tried.push(name)
      throw new RouterRefusal(400, 'no')
    }
    const bulk = Array.from({ length: 150 }, (_, index) => ({ name: `l${index}`, port: 1 }))
    const untilTried = async (count: number) => {
      for (let look = 0; look < 5 || tried.length < count; look += 1) await settled(entities)
    }
    entities.reconcile(desired.become(bulk))
    await untilTried(150)
    for (const count of [250, 350]) {
      pass(2000)
      entities.retry()
      await untilTried(count)
    }
    assert.equal(tried.length, 350)
    assert.equal(new Set(tried.slice(150)).size, 150)
  })

  it('replaces an entity of its name that others created, once it observes it', async () => {
    const { router, desired, entities } = setUp()
    await settled(entities)
    router.entities.set('listener/a', { type: TYPE.tcpListener, name: 'listener/a', host: 'x', port: '9' })
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    for (let turns = 0; turns < 4; turns += 1) await turn()
    assert.deepEqual(router.refusals, ['listener/a: the name exists'])
    await settled(entities)
    assert.equal(router.entities.get('listener/a')?.port, '1')
    assert.equal(entities.hasFailures, false)
  })

  it('has no failure if others have deleted what it deletes', async () => {
    const { router, desired, entities } = setUp()
    await settled(entities)
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    router.entities.delete('listener/a')
    entities.reconcile(desired.become([]))
    for (let turns = 0; turns < 4; turns += 1) await turn()
    assert.equal(entities.hasFailures, false)
  })

  it('has no open socket and a failure while the router refuses its only listener', async () => {
    const { router, desired, entities } = setUp()
    await settled(entities)
    assert.equal(entities.hasFailures, false)
    router.create = async () => {
      throw new RouterRefusal(400, 'no')
    }
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    assert.deepEqual([entities.hasOpenSockets, entities.hasFailures], [false, true])
    assert.deepEqual(entities.state('tcpListener', 'listener/a'), { inSync: false, refusal: 'no', socket: 'closed' })
  })
})
