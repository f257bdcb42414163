import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Inbox, LOOK_AGAIN } from '../../../src/cli/client/event-queue.ts'

describe('an inbox', () => {
  it('gives what arrived while its reader was busy, in order', async () => {
    const inbox = new Inbox<number>()
    const reader = inbox.read(new AbortController().signal)
    inbox.put(1)
    assert.deepEqual((await reader.next()).value, [1])
    inbox.put(2)
    inbox.put(3)
    assert.deepEqual((await reader.next()).value, [2, 3])
  })

  it('wakes a reader that waits', async () => {
    const inbox = new Inbox<number>()
    const next = inbox.read(new AbortController().signal).next()
    setImmediate(() => inbox.put(1))
    assert.deepEqual((await next).value, [1])
  })

  it('makes one of many reasons to look again', async () => {
    const inbox = new Inbox<number>()
    const reader = inbox.read(new AbortController().signal)
    inbox.lookAgain()
    inbox.put(1)
    inbox.lookAgain()
    assert.equal((await reader.next()).value, LOOK_AGAIN)
    assert.deepEqual((await reader.next()).value, [1])
  })

  it('fails after what came before the failure', async () => {
    const inbox = new Inbox<number>()
    const reader = inbox.read(new AbortController().signal)
    inbox.put(1)
    inbox.fail(new Error('refused'))
    assert.deepEqual((await reader.next()).value, [1])
    await assert.rejects(reader.next(), /refused/)
  })

  it('ends with its signal, waiting or not', async () => {
    const controller = new AbortController()
    const reader = new Inbox<number>().read(controller.signal)
    const next = reader.next()
    setImmediate(() => controller.abort())
    assert.equal((await next).done, true)
    assert.equal((await new Inbox<number>().read(controller.signal).next()).done, true)
  })
})
