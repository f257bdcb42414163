import assert from 'node:assert/strict'
import { test } from 'node:test'
import { throttle } from '../../src/lib/throttle.ts'

test('throttle › calls immediately and then once per interval', context => {
  let now = 0
  context.mock.method(performance, 'now', () => now)
  const calls: string[] = []
  const call = throttle(60_000, (what: string) => calls.push(what))
  for (const [at, what] of [
    [0, 'a'],
    [1, 'b'],
    [59_999, 'c'],
    [60_000, 'd'],
    [60_001, 'e'],
  ] as const) {
    now = at
    call(what)
  }
  assert.deepEqual(calls, ['a', 'd'])
})
