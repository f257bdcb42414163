import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MANAGED_TYPES } from '../../../schemas/router-entities.ts'
import { BusyRouter } from './memory-router.ts'
import { setUp } from './test-reconciler.ts'

describe('EntityReconciler', () => {
  it('keeps a profile that is desired again while its deletion is prepared', async () => {
    const { router, desired, entities } = setUp(new BusyRouter())
    const first = entities.observe()
    await router.answerAll()
    await first
    const listeners = [{ name: 'a', port: 1, profile: 'tls-x' }]
    entities.reconcile(desired.become(listeners))
    await router.answerAll()
    entities.reconcile(desired.become([]))
    await router.answer(1)
    assert.equal(router.waiting, 4, 'it queries who uses the profile')
    entities.reconcile(desired.become(listeners))
    await router.answerAll()
    assert.deepEqual(
      router.creations.filter(name => name === 'tls-x'),
      ['tls-x'],
    )
    assert.ok(router.entities.has('listener/a'))
  })

  it('observes and sends a single change while it sends a bulk', async () => {
    const { router, desired, entities } = setUp(new BusyRouter())
    const first = entities.observe()
    await router.answer(MANAGED_TYPES.length)
    await first
    const bulk = Array.from({ length: 500 }, (_, index) => ({ name: `bulk-${index}`, port: 1 }))
    for (const entity of desired.become(bulk)) entities.reconcile([entity])
    const look = entities.observe()
    let isAnswered = false
    void look.then(() => {
      isAnswered = true
    })
    assert.ok(router.waiting <= 30, `${router.waiting} requests wait on the router`)
    await router.answer(router.waiting)
    assert.ok(isAnswered)
    entities.reconcile(
      desired.become([...bulk, { name: 'single', port: 1 }]).filter(({ name }) => name.endsWith('single')),
    )
    await router.answer(60)
    assert.ok(router.entities.has('listener/single'))
    assert.ok(router.entities.size < 150)
    await router.answerAll()
    assert.equal(router.entities.size, 502)
    // The oldest are not overtaken for ever by what comes later.
    assert.ok(router.creations.indexOf('listener/bulk-100') < 300)
  })

  it('creates a profile before its users, however many other requests wait', async () => {
    const { router, desired, entities } = setUp(new BusyRouter())
    const first = entities.observe()
    await router.answer(MANAGED_TYPES.length)
    await first
    const bulk = Array.from({ length: 60 }, (_, index) => ({ name: `bulk-${index}`, port: 1 }))
    entities.reconcile(desired.become(bulk))
    const secure = ['x', 'y'].map(name => ({ name, port: 1, profile: `tls-${name}` }))
    entities.reconcile(desired.become([...bulk, ...secure]).slice(bulk.length))
    await router.answerAll()
    assert.equal(router.entities.size, 1 + 60 + 4)
    assert.deepEqual(router.refusals, [])
  })

  it('deletes a profile after its users, however many other requests wait', async () => {
    const { router, desired, entities } = setUp(new BusyRouter())
    const first = entities.observe()
    await router.answer(MANAGED_TYPES.length)
    await first
    const secure = Array.from({ length: 60 }, (_, index) => ({ name: `l${index}`, port: 1, profile: 'tls-x' }))
    entities.reconcile(desired.become(secure))
    await router.answerAll()
    entities.reconcile(desired.become([]))
    await router.answerAll()
    assert.deepEqual([...router.entities.keys()], ['theirs'])
    assert.equal(router.deletions.at(-1), 'tls-x')
  })
})
