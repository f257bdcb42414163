import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type WatchInterrupted, WatchMonitor } from '../../src/controller/lease/watch-monitor.ts'
import { clockThatShows } from '../fakes/virtual-clock.ts'

const START = Date.parse('2026-11-23T10:00:00.000Z')

/** A monitor with a clock that only the test advances. */
const watching = () => {
  let time = START
  let isAble = true
  const watched: number[] = []
  const attention = new WatchMonitor({
    clock: clockThatShows(() => time),
    canWatch: () => isAble,
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

describe('WatchMonitor', () => {
  it('records when the router answered', () => {
    const { attention, watched, after, interruptedAfter } = watching()
    for (let round = 0; round < 3; round += 1) {
      after(5000)
      attention.routerAnswered()
    }
    assert.deepEqual(watched, [5000, 10_000, 15_000])
    assert.equal(interruptedAfter(), undefined)
  })

  it('detects that the process was stopped, or the machine slept', () => {
    const { attention, watched, after, interruptedAfter } = watching()
    after(1000)
    attention.tick()
    after(60_000)
    attention.routerAnswered()
    assert.deepEqual(watched, [])
    assert.equal(interruptedAfter(), 1000)
  })

  it('detects that nothing could be written, although the router answered', () => {
    const { attention, watched, after, able, interruptedAfter } = watching()
    able(false)
    for (let round = 0; round < 3; round += 1) {
      after(2000)
      attention.routerAnswered()
    }
    assert.equal(interruptedAfter(), undefined)
    able(true)
    attention.routerAnswered()
    assert.deepEqual(watched, [])
    assert.equal(interruptedAfter(), 0)
  })

  it('ignores a short outage', () => {
    const { attention, watched, after, able, interruptedAfter } = watching()
    able(false)
    after(4900)
    attention.tick()
    able(true)
    attention.routerAnswered()
    assert.equal(interruptedAfter(), undefined)
    assert.deepEqual(watched, [4900])
  })

  it('continues after the gap is recorded', () => {
    const { attention, watched, after, interruptedAfter } = watching()
    after(60_000)
    attention.tick()
    attention.resume()
    after(100)
    attention.routerAnswered()
    assert.equal(interruptedAfter(), undefined)
    assert.deepEqual(watched, [60_100])
  })
})
