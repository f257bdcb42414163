import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs } from '../../src/router/amqp/backoff.ts'

test('tries come ever less often, but every two seconds at least', () => {
  const longest = [0, 1, 2, 3, 4, 100].map(failures => backoffMs(failures, () => 0))
  assert.deepEqual(longest, [250, 500, 1000, 2000, 2000, 2000])
})

test('those who lost the same router do not all come back at once', () => {
  assert.equal(
    backoffMs(3, () => 1),
    1000,
  )
  assert.equal(
    backoffMs(3, () => 0.5),
    1500,
  )
})
