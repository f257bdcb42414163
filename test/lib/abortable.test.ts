import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, test } from 'node:test'
import { abortable } from '../../src/lib/abortable.ts'

const never = new Promise<never>(() => {})

describe('unless it is aborted', () => {
  test('it settles as the promise does, and leaves nothing at the signal', async () => {
    const { signal } = new AbortController()
    assert.equal(await abortable(Promise.resolve(1), signal), 1)
    await assert.rejects(abortable(Promise.reject(new Error('no')), signal), /no/)
    assert.equal(getEventListeners(signal, 'abort').length, 0)
  })

  test('it rejects with the reason, be it given before or after', async () => {
    const giving = new AbortController()
    const waiting = abortable(never, giving.signal)
    giving.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    await assert.rejects(abortable(never, giving.signal), /enough/)
  })

  test('a promise that fails afterwards is nobody’s trouble', async () => {
    const late = Promise.withResolvers<never>()
    await assert.rejects(abortable(late.promise, AbortSignal.abort(new Error('enough'))), /enough/)
    late.reject(new Error('late'))
  })
})
