import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EventStore } from '../../../src/event-store/event-store.ts'
import { createListener, updateRoutingKey } from '../../support/commands.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

describe('queued commands of one resource', () => {
  it('are compared with the version that earlier ones leave', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('backend'))
    const outcomes = await Promise.allSettled([
      test.run(updateRoutingKey('backend', 'x')),
      test.run(updateRoutingKey('backend', 'y')),
      // That of the first; the second was faster.
      test.run(updateRoutingKey('backend', 'z'), { expectedResourceVersion: position + 1 }),
    ])
    assert.deepEqual(
      outcomes.map(outcome => (outcome.status === 'rejected' ? outcome.reason.code : 'done')),
      ['done', 'done', 'CONFLICT'],
    )
    assert.equal(test.engine.read.resource('Listener', 'west', 'backend')?.spec.routingKey, 'y')
  })

  it('share appends of 200 events at most', async () => {
    await using test = await TestEngine.start()
    const sizes: number[] = []
    const append: EventStore['append'] = (stream, revision, events) => {
      if (stream === 'listener-west.backend') sizes.push(events.length)
      return test.store.append(stream, revision, events)
    }
    const other = await test.startAnother(
      store =>
        new Proxy(store, {
          get: (target, name) => {
            if (name === 'append') return append
            const value = Reflect.get(target, name, target)
            return typeof value === 'function' ? value.bind(target) : value
          },
        }),
    )
    await other.execute(createListener('backend'), { caller: ALICE })
    const keys = Array.from({ length: 450 }, (_, index) => `key-${index}`)
    await Promise.all(keys.map(key => other.execute(updateRoutingKey('backend', key), { caller: ALICE })))
    assert.ok(Math.max(...sizes) > 1 && Math.max(...sizes) <= 200, String(sizes))
    assert.equal(
      sizes.reduce((sum, size) => sum + size),
      1 + keys.length,
    )
  })
})
