import assert from 'node:assert/strict'
import { type EventToAppend, NO_STREAM, WrongExpectedRevision } from '../../../src/event-store/event-store.ts'
import fc from '../../support/fast-check.ts'
import { all, event, idsOf, revisionsOf, upTo } from './events.ts'
import { Follower } from './follower.ts'
import type { Declare } from './harness.ts'

const STREAMS = 3

/** An action of one of several writers, which sometimes repeats that of another. */
const step = fc.record({
  stream: fc.nat({ max: STREAMS - 1 }),
  size: fc.integer({ min: 1, max: 4 }),
  expects: fc.constantFrom('newest', 'newest', 'newest', 'older', 'none'),
  repeats: fc.boolean(),
})
const plans = fc.array(fc.array(step, { maxLength: 12 }), { minLength: 1, maxLength: 5 })

export const properties = (it: Declare): void => {
  it('keeps streams without gaps and one order of all events under concurrent appends', async ({
    store,
    prefix,
    start,
  }) => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(plans, async plans => {
        const base = `${prefix}${run++}.`
        const acknowledged = new Map<string, EventToAppend[]>(upTo(STREAMS).map(n => [`${base}${n}`, []]))
        await using follower = new Follower(store, base, start)
        await Promise.all(
          plans.map(async plan => {
            for (const { stream, size, expects, repeats } of plan) {
              const name = `${base}${stream}`
              const known = acknowledged.get(name)!
              const newest = known.length - 1
              const expected =
                expects === 'none' ? NO_STREAM : expects === 'older' ? Math.max(NO_STREAM, newest - 1) : newest
              const appended = upTo(size).map(() => event())
              try {
                const answer = await store.append(name, expected, appended)
                assert.equal(answer.revision, expected + size)
                for (const [n, event] of appended.entries()) known[expected + 1 + n] = event
                if (repeats) assert.deepEqual(await store.append(name, expected, appended), answer)
              } catch (error) {
                if (!(error instanceof WrongExpectedRevision)) throw error
                assert.notEqual(error.actual, expected)
              }
            }
          }),
        )
        const log = await all(store.readAll({ prefixes: [base] }))
        for (const [name, events] of acknowledged) {
          const read = await all(store.readStream(name))
          assert.deepEqual(idsOf(read), idsOf(events))
          assert.deepEqual(revisionsOf(read), upTo(events.length))
          assert.deepEqual(
            log.filter(({ stream }) => stream === name),
            read,
          )
        }
        await follower.untilEvents(log.length)
        assert.deepEqual(follower.events, log)
      }),
      { numRuns: 40 },
    )
  })
}
