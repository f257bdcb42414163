import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DriverConflict } from '../../../src/controller/lease/driver-conflict.ts'
import type { Entity } from '../../../src/router/amqp/management.ts'
import { clock } from '../../fakes/virtual-clock.ts'
import fc from '../../support/fast-check.ts'
import { MemoryRouter } from './memory-router.ts'
import { entitiesOf, settled, setUp, TYPE } from './test-reconciler.ts'

const desiredListener = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  port: fc.constantFrom(1, 2),
  profile: fc.constantFrom(undefined, undefined, 'tls-x', 'tls-y'),
})
const desired = fc.uniqueArray(desiredListener, { selector: ({ name }) => name })
const mischief = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), how: fc.constantFrom('deleted', 'altered') })
const step = fc.record({
  desired,
  mischief: fc.array(mischief, { maxLength: 2 }),
  looks: fc.integer({ min: 0, max: 2 }),
})

describe('EntityReconciler', () => {
  it('converges to the desired entities, whatever others change meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async steps => {
        const { router, foreign, desired, failures, entities } = setUp()
        await entities.observe()
        for (const { desired: listeners, mischief, looks } of steps) {
          entities.reconcile(desired.become(listeners))
          for (const { name, how } of mischief) {
            const held = router.entities.get(`listener/${name}`)
            if (held === undefined) continue
            if (how === 'deleted') router.entities.delete(`listener/${name}`)
            else router.entities.set(`listener/${name}`, { ...held, port: '666' })
          }
          for (let look = 0; look < looks; look += 1) await entities.observe()
        }
        await settled(entities)
        const expected = [...desired.entities].map(({ type, attributes }) => ({
          type: TYPE[type as keyof typeof TYPE],
          ...(attributes as object),
        }))
        const byName = (all: Iterable<object>) =>
          [...all].sort((a, b) => ((a as Entity).name as string).localeCompare((b as Entity).name as string))
        assert.deepEqual(byName(router.entities.values()), byName([foreign, ...expected]))
        assert.deepEqual(failures, [])
      }),
      { numRuns: 500 },
    )
  })

  it('observes the types in use, and always tcpListener', async () => {
    const { desired, entities, router } = setUp()
    assert.deepEqual(entities.typesInUse, ['tcpListener'])
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1, profile: 'tls-x' }]))
    await settled(entities)
    assert.deepEqual(entities.typesInUse, ['sslProfile', 'tcpListener'])
    entities.reconcile(desired.become([]))
    await settled(entities)
    assert.deepEqual(entities.typesInUse, ['tcpListener'])
    assert.deepEqual([...router.entities.keys()], ['theirs'])
  })

  it('sends nothing to a router in sync', async () => {
    const { router, desired, entities } = setUp()
    const listeners = [{ name: 'a', port: 1, profile: 'tls-x' }]
    for (const entity of listeners.flatMap(entitiesOf))
      router.entities.set(entity.name, {
        type: TYPE[entity.type as keyof typeof TYPE],
        ...(entity.attributes as Entity),
      })
    desired.become(listeners)
    await settled(entities)
    assert.deepEqual(router.creations, [])
  })

  it('deletes an unused profile, but not while others use it', async () => {
    const { router, desired, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1, profile: 'tls-x' }]))
    await settled(entities)
    router.entities.set('theirs', { type: TYPE.tcpListener, name: 'theirs', sslProfile: 'tls-x' })
    entities.reconcile(desired.become([]))
    await settled(entities)
    assert.deepEqual([...router.entities.keys()].sort(), ['theirs', 'tls-x'])
    router.entities.delete('theirs')
    await settled(entities)
    assert.deepEqual([...router.entities.keys()], [])
  })

  it('sends nothing without the lease, and all of it after the next observation', async () => {
    let hasLease = false
    const { router, desired, entities } = setUp(new MemoryRouter(), undefined, () => hasLease)
    await settled(entities)
    entities.reconcile(desired.become([{ name: 'a', port: 1, profile: 'tls-x' }]))
    await settled(entities)
    assert.deepEqual([...router.entities.keys()], ['theirs'])
    hasLease = true
    await settled(entities)
    assert.deepEqual([...router.entities.keys()], ['theirs', 'tls-x', 'listener/a'])
    hasLease = false
    entities.reconcile(desired.become([]))
    await settled(entities)
    assert.deepEqual(router.deletions, [])
    hasLease = true
    await settled(entities)
    assert.deepEqual([...router.entities.keys()], ['theirs'])
  })

  it('yields an entity that others undo again and again, and sends the rest', async () => {
    const conflict = new DriverConflict('own', false, () => clock.now())
    const { router, desired, entities } = setUp(new MemoryRouter(), conflict)
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    for (let times = 0; times < 5; times += 1) {
      router.entities.delete('listener/a')
      await settled(entities)
    }
    assert.equal(router.creations.filter(name => name === 'listener/a').length, 3)
    assert.match(conflict.message ?? '', /^Something else changes listener\/a on this router again and again/)
    entities.reconcile(
      desired.become([
        { name: 'a', port: 1 },
        { name: 'b', port: 1 },
      ]),
    )
    await settled(entities)
    assert.ok(router.entities.has('listener/b'))
    assert.ok(!router.entities.has('listener/a'))
  })
})
