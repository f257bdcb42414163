import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ClientSlots } from '../../src/server/client-slots.ts'

describe('ClientSlots', () => {
  it('runs so much work of each client at once, in order, and forgets clients without work', async () => {
    const slots = new ClientSlots(2)
    const started: string[] = []
    const over = Promise.withResolvers<void>()
    const work = (name: string) => () => {
      started.push(name)
      return over.promise
    }
    const running = ['a1', 'a2', 'a3', 'b1'].map(name => slots.run(name.charAt(0), work(name)))
    await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(started, ['a1', 'a2', 'b1'])
    assert.equal(slots.size, 2)
    over.resolve()
    await Promise.all(running)
    assert.deepEqual(started, ['a1', 'a2', 'b1', 'a3'])
    assert.equal(slots.size, 0)
  })

  it('continues after work that fails', async () => {
    const slots = new ClientSlots(1)
    const failing = slots.run('a', () => Promise.reject(new Error('no')))
    const next = slots.run('a', async () => 'done')
    await assert.rejects(failing, { message: 'no' })
    assert.equal(await next, 'done')
    assert.equal(slots.size, 0)
  })
})
