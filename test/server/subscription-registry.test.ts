import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '../../src/config/limits.ts'
import { WatchedValues } from '../../src/engine/subscriptions/watched-values.ts'
import type { OperationContext } from '../../src/server/graphql/context.ts'
import { OpenSubscriptions } from '../../src/server/graphql/subscription-registry.ts'

async function* batches() {
  yield [1, 2]
  yield [3, 4]
}

test('OpenSubscriptions › gives values that are there without waiting, but none after the token expired', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let isValid = true
  const open = new OpenSubscriptions({ ...DEFAULT_LIMITS, hit: () => undefined })
  const context = { clientKey: 'one', signal: new AbortController().signal, principal: { isValid: () => isValid } }
  const watch = open.open(() => new WatchedValues(batches()), context as unknown as OperationContext)
  assert.equal(watch.peek(), undefined)
  assert.equal((await watch.next()).value, 1)
  assert.equal(watch.peek(), 2)
  watch.skip()
  assert.equal(watch.peek(), undefined)
  assert.equal((await watch.next()).value, 3)
  assert.equal(watch.peek(), 4)
  isValid = false
  t.mock.timers.tick(1000)
  assert.equal(watch.peek(), undefined)
  await assert.rejects(watch.next(), { code: 'UNAUTHENTICATED' })
  assert.equal(open.count, 0)
})
