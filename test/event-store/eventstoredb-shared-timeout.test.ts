import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import { SharedTimeout } from '../../src/event-store/eventstoredb/appending/shared-timeout.ts'
import { CallTimeout } from '../../src/event-store/eventstoredb/with-timeout.ts'

it('SharedTimeout › rejects what is pending for too long, and leaves no timer behind', async () => {
  const timeout = new SharedTimeout(40)
  const setTimer = mock.method(globalThis, 'setTimeout')
  const clearTimer = mock.method(globalThis, 'clearTimeout')
  const slow = Promise.withResolvers<string>()
  const begun = performance.now()
  const late = assert.rejects(timeout.within(new Promise(() => {})), CallTimeout)
  const quick = Promise.all(Array.from({ length: 50 }, (_, index) => timeout.within(Promise.resolve(index))))
  assert.equal(setTimer.mock.callCount(), 1)
  assert.equal((await quick).length, 50)
  const failed = assert.rejects(timeout.within(Promise.reject(new Error('refused'))), /refused/)
  await late
  assert.ok(performance.now() - begun >= 39)
  await failed
  const waiting = timeout.within(slow.promise)
  slow.resolve('answered')
  assert.equal(await waiting, 'answered')
  const cleared = clearTimer.mock.calls.map(({ arguments: [timer] }) => timer)
  // Other tests of the process have timers of their own.
  const last = setTimer.mock.calls.findLast(({ arguments: [work] }) => work.name === '#sweep')
  assert.ok(cleared.includes(last?.result))
  setTimer.mock.restore()
  clearTimer.mock.restore()
})
