import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventQueue, RELIST } from '../../../src/cli/client/event-queue.ts'

describe('EventQueue', () => {
  it('yields values in order that arrived while the reader was busy', async () => {
    const queue = new EventQueue<number>()
    const reader = queue.read(new AbortController().signal)
    queue.put(1)
    assert.deepEqual((await reader.next()).value, [1])
    queue.put(2)
    queue.put(3)
    assert.deepEqual((await reader.next()).value, [2, 3])
  })

  it('wakes a waiting reader', async () => {
    const queue = new EventQueue<number>()
    const next = queue.read(new AbortController().signal).next()
    setImmediate(() => queue.put(1))
    assert.deepEqual((await next).value, [1])
  })

  it('merges requests to list again', async () => {
    const queue = new EventQueue<number>()
    const reader = queue.read(new AbortController().signal)
    queue.relist()
    queue.put(1)
    queue.relist()
    assert.equal((await reader.next()).value, RELIST)
    assert.deepEqual((await reader.next()).value, [1])
  })

  it('rejects after the values before the failure', async () => {
    const queue = new EventQueue<number>()
    const reader = queue.read(new AbortController().signal)
    queue.put(1)
    queue.fail(new Error('refused'))
    assert.deepEqual((await reader.next()).value, [1])
    await assert.rejects(reader.next(), /refused/)
  })

  it('ends when the signal is aborted, waiting or not', async () => {
    const controller = new AbortController()
    const reader = new EventQueue<number>().read(controller.signal)
    const next = reader.next()
    setImmediate(() => controller.abort())
    assert.equal((await next).done, true)
    assert.equal((await new EventQueue<number>().read(controller.signal).next()).done, true)
  })
})
