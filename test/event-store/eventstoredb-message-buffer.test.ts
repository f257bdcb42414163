import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import type { ClientReadableStream } from '@grpc/grpc-js'
import { MessageBuffer } from '../../src/event-store/eventstoredb/subscribing/message-buffer.ts'
import { eventually } from '../support/eventually.ts'

const OPEN = new AbortController().signal

const callOf = (messages: number) => {
  const call = Object.assign(new PassThrough({ objectMode: true, highWaterMark: 2_000 }), { cancel: () => {} })
  for (let n = 0; n < messages; n += 1) call.write(n)
  return call
}

const bufferOf = (call: ReturnType<typeof callOf>, signal: AbortSignal = OPEN): MessageBuffer<number> =>
  new MessageBuffer<number>(call as unknown as ClientReadableStream<number>, signal)

describe('MessageBuffer', () => {
  it('pauses the call while many messages wait, and returns each once', async () => {
    const call = callOf(1_000)
    const buffer = bufferOf(call)
    const taken: number[] = []
    while (taken.length < 1_000) {
      await eventually(() => buffer.buffered > 0)
      assert.ok(buffer.buffered <= 256)
      taken.push(...buffer.take())
    }
    assert.deepEqual(taken, [...taken.keys()])
    buffer.cancel()
  })

  it('returns the messages before an error that occurs while it is paused', async () => {
    const call = callOf(300)
    const buffer = bufferOf(call)
    await eventually(() => call.isPaused())
    call.emit('error', new Error('the connection broke'))
    assert.equal(buffer.take().length, 256)
    await assert.rejects(buffer.waitForMore(), /the connection broke/)
    buffer.cancel()
  })

  it('ends only after its last message', async () => {
    const call = callOf(300)
    call.end()
    const buffer = bufferOf(call)
    await eventually(() => call.isPaused())
    assert.equal(buffer.ended, false)
    buffer.take()
    await eventually(() => buffer.ended)
    assert.equal(buffer.take().length, 44)
  })

  it('stops waiting when the signal aborts', async () => {
    const abort = new AbortController()
    const buffer = bufferOf(callOf(0), abort.signal)
    const waiting = buffer.waitForMore()
    abort.abort()
    await waiting
    buffer.cancel()
  })
})
