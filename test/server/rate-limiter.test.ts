import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HarkError } from '../../schemas/errors.ts'
import { RateLimiter } from '../../src/server/http/rate-limiter.ts'

/** A rate on a clock that is moved by hand. */
const onClock = () => {
  const clock = { seconds: 0 }
  const rate = new RateLimiter(() => clock.seconds)
  const take = (client: string, perSecond = 2): unknown => {
    try {
      rate.take(client, perSecond)
    } catch (error) {
      assert.ok(error instanceof HarkError)
      return error.details.retryAfterSeconds
    }
    return 'taken'
  }
  return { clock, rate, take }
}

test('RateLimiter › allows a burst of two seconds of the rate', () => {
  const { clock, take } = onClock()
  clock.seconds = 100
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => take('a')),
    ['taken', 'taken', 'taken', 'taken', 1],
  )
  assert.equal(take('b'), 'taken')
})

test('RateLimiter › refills a bucket over time', () => {
  const { clock, take } = onClock()
  for (let request = 1; request <= 4; request++) take('a')
  clock.seconds = 0.4
  assert.equal(take('a'), 1)
  clock.seconds = 0.5
  assert.deepEqual([take('a'), take('a')], ['taken', 1])
  clock.seconds = 1.5
  assert.deepEqual([take('a'), take('a'), take('a')], ['taken', 'taken', 1])
})

test('RateLimiter › takes more tokens than a bucket has for one request, and lets the next wait for them', () => {
  const { clock, rate, take } = onClock()
  rate.take('a', 2, { tokens: 10, what: 'commands' })
  assert.throws(() => rate.take('a', 2, { tokens: 10, what: 'commands' }), {
    message: 'too many commands: the limit is 2 per second and client',
    details: { limit: 'requestsPerSecond', retryAfterSeconds: 4 },
  })
  assert.equal(take('b'), 'taken')
  clock.seconds = 3
  assert.equal(take('a'), 1)
  clock.seconds = 3.5
  assert.equal(take('a'), 'taken')
})

test('RateLimiter › takes no tokens for rejected requests', () => {
  const { clock, take } = onClock()
  let taken = 0
  for (let request = 0; request < 1000; request++) {
    clock.seconds = request / 100
    if (take('a') === 'taken') taken += 1
  }
  assert.ok(taken >= 23 && taken <= 24, String(taken))
})

test('RateLimiter › evicts full buckets when there are many clients', () => {
  const { clock, rate, take } = onClock()
  for (let client = 0; client < 10_000; client++) take(`early-${client}`)
  assert.equal(rate.size, 10_000)
  clock.seconds = 1
  take('late')
  assert.equal(rate.size, 10_000)
  clock.seconds = 2.5
  take('later')
  assert.ok(rate.size <= 3, `${rate.size}`)
  for (let client = 0; client < 50_000; client++) {
    clock.seconds += 0.00001
    take(`${client}`)
    assert.ok(rate.size <= 10_000)
  }
})

test('RateLimiter › bounds the number of buckets without evicting a busy client', () => {
  const { clock, take } = onClock()
  for (let request = 1; request <= 4; request++) take('eager')
  for (let client = 0; client < 30_000; client++) {
    if (client % 1000 === 0) assert.equal(take('eager'), 1)
    take(`once-${client}`)
  }
  clock.seconds = 3
  assert.equal(take('eager'), 'taken')
})
