import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, test } from 'node:test'
import { abortable } from '../../src/lib/abortable.ts'

const never = new Promise<never>(() => {})

describe('abortable', () => {
  test('settles as the promise and removes its listener', async () => {
    const { signal } = new AbortController()
    assert.equal(await abortable(Promise.resolve(1), signal), 1)
    await assert.rejects(abortable(Promise.reject(new Error('no')), signal), /no/)
    assert.equal(getEventListeners(signal, 'abort').length, 0)
  })

  test("rejects with the signal's reason, aborted before or after", async () => {
    const giving = new AbortController()
    const waiting = abortable(never, giving.signal)
    giving.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    await assert.rejects(abortable(never, giving.signal), /enough/)
  })

  test('handles a promise that rejects after the abort', async () => {
    const late = Promise.withResolvers<never>()
    await assert.rejects(abortable(late.promise, AbortSignal.abort(new Error('enough'))), /enough/)
    late.reject(new Error('late'))
  })
})
