import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Attention, type WatchInterrupted } from '../../src/controller/lease/attention.ts'
import { systemClock } from '../../src/lib/clock.ts'

const START = Date.parse('2026-11-23T10:00:00.000Z')

/** Attention by a clock that only goes on when it is told to. */
const watching = () => {
  let time = START
  let isAble = true
  const watched: number[] = []
  const attention = new Attention({
    clock: systemClock,
    isAble: () => isAble,
    onWatched: at => watched.push(at - START),
    now: () => time,
  })
  attention.close()
  return {
    attention,
    watched,
    after: (milliseconds: number) => {
      time += milliseconds
    },
    able: (value: boolean) => {
      isAble = value
    },
    /** The last moment before the interruption, after so many milliseconds; undefined where there is none. */
    interruptedAfter: (): number | undefined => {
      const { aborted, reason } = attention.interrupted
      return aborted ? (reason as WatchInterrupted).since - START : undefined
    },
  }
}

describe('an engine that watches a router', () => {
  it('has watched when the router answered', () => {
    const { attention, watched, after, interruptedAfter } = watching()
    for (let round = 0; round < 3; round += 1) {
      after(5000)
      attention.heard()
    }
    assert.deepEqual(watched, [5000, 10_000, 15_000])
    assert.equal(interruptedAfter(), undefined)
  })

  it('was interrupted where its process was stopped, or its machine slept, and noticed no answer meanwhile', () => {
    const { attention, watched, after, interruptedAfter } = watching()
    after(1000)
    attention.tick()
    after(60_000)
    attention.heard()
    assert.deepEqual(watched, [])
    assert.equal(interruptedAfter(), 1000)
  })

  it('was interrupted where nothing could be written down for a while, though the router answered', () => {
    const { attention, watched, after, able, interruptedAfter } = watching()
    able(false)
    for (let round = 0; round < 3; round += 1) {
      after(2000)
      attention.heard()
    }
    assert.equal(interruptedAfter(), undefined)
    able(true)
    attention.heard()
    assert.deepEqual(watched, [])
    assert.equal(interruptedAfter(), 0)
  })

  it('was not interrupted by a short outage', () => {
    const { attention, watched, after, able, interruptedAfter } = watching()
    able(false)
    after(4900)
    attention.tick()
    able(true)
    attention.heard()
    assert.equal(interruptedAfter(), undefined)
    assert.deepEqual(watched, [4900])
  })

  it('goes on watching once the interruption is recorded', () => {
    const { attention, watched, after, interruptedAfter } = watching()
    after(60_000)
    attention.tick()
    attention.goOn()
    after(100)
    attention.heard()
    assert.equal(interruptedAfter(), undefined)
    assert.deepEqual(watched, [60_100])
  })
})
