import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createListener, deleteListener, updatePort } from '../../support/commands.ts'
import { liveHeap } from '../../support/live-heap.ts'
import { TestEngine } from '../../support/test-engine.ts'

const ROUNDS = 200
const TENTH = ROUNDS / 10
const NAMES = Array.from({ length: 10 }, (_, index) => `listener-${index}`)
/** For caches that fill slowly, and code that is compiled late. */
const SLACK_BYTES = 2_500_000

it('subscriptions › use constant memory while listeners are created, changed and deleted', async () => {
  await using test = await TestEngine.start()
  const { engine } = test
  const leaving = new AbortController()
  const counts = [0, 0, 0]
  const reading = counts.map(async (_, reader) => {
    for await (const _ of engine.watch.resources('Listener', { namespace: 'west' }, leaving.signal))
      counts[reader]! += 1
  })
  const heaps: number[] = []
  for (let round = 1; round <= ROUNDS; round += 1) {
    await Promise.all(
      NAMES.map(async name => {
        await test.run(createListener(name))
        await test.run(updatePort(name, 9090))
        await test.run(deleteListener(name))
      }),
    )
    // The list is queried now and then.
    if (round === 1) assert.deepEqual(engine.read.resources('Listener', {}, { first: 100 }).rows, [])
    if (round % TENTH === 0) heaps.push(liveHeap())
  }
  leaving.abort()
  await Promise.all(reading)
  const second = heaps[1] as number
  // The write queue varies.
  const last = Math.min(...heaps.slice(-3))
  for (const count of counts) assert.ok(count >= ROUNDS * NAMES.length * 3)
  assert.ok(last < second + SLACK_BYTES, heaps.map(bytes => (bytes / 1e6).toFixed(1)).join(' MB, '))
})
