import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Inbox, LOOK_AGAIN } from '../../../src/cli/client/event-queue.ts'

describe('EventQueue', () => {
  it('yields values in order that arrived while the reader was busy', async () => {
    const inbox = new Inbox<number>()
    const reader = inbox.read(new AbortController().signal)
    inbox.put(1)
    assert.deepEqual((await reader.next()).value, [1])
    inbox.put(2)
    inbox.put(3)
    assert.deepEqual((await reader.next()).value, [2, 3])
  })

  it('wakes a waiting reader', async () => {
    const inbox = new Inbox<number>()
    const next = inbox.read(new AbortController().signal).next()
    setImmediate(() => inbox.put(1))
    assert.deepEqual((await next).value, [1])
  })

  it('merges requests to list again', async () => {
    const inbox = new Inbox<number>()
    const reader = inbox.read(new AbortController().signal)
    inbox.lookAgain()
    inbox.put(1)
    inbox.lookAgain()
    assert.equal((await reader.next()).value, LOOK_AGAIN)
    assert.deepEqual((await reader.next()).value, [1])
  })

  it('rejects after the values before the failure', async () => {
    const inbox = new Inbox<number>()
    const reader = inbox.read(new AbortController().signal)
    inbox.put(1)
    inbox.fail(new Error('refused'))
    assert.deepEqual((await reader.next()).value, [1])
    await assert.rejects(reader.next(), /refused/)
  })

  it('ends when the signal is aborted, waiting or not', async () => {
    const controller = new AbortController()
    const reader = new Inbox<number>().read(controller.signal)
    const next = reader.next()
    setImmediate(() => controller.abort())
    assert.equal((await next).done, true)
    assert.equal((await new Inbox<number>().read(controller.signal).next()).done, true)
  })
})
