import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CatchUpRest } from '../../src/integrity/checkpoints/catch-up-rest.ts'

/** Rests after a millisecond of work, with the lags of looks a second apart. */
const restsWith = (...lags: readonly number[]): number[] => {
  let time = 0
  const rest = new CatchUpRest(() => time)
  return lags.map(lag => {
    const restMs = rest.after(1, lag)
    time += 1000
    return restMs
  })
}

describe('CatchUpRest', () => {
  it('rests ten times as long as work while the lag shrinks', () => {
    assert.deepEqual(restsWith(1000, 900, 850, 10), [10, 10, 10, 10])
  })

  it('rests shorter while the lag does not shrink, and at least as long as work', () => {
    assert.deepEqual(restsWith(1000, 2000, 3000, 4000, 5000, 5000), [10, 5, 2.5, 1.25, 1, 1])
  })

  it('keeps the rest with which the lag shrinks', () => {
    assert.deepEqual(restsWith(1000, 2000, 3000, 2500, 2000, 1), [10, 5, 2.5, 2.5, 2.5, 2.5])
  })

  it('looks once a second, and starts over at the end of the log', () => {
    let time = 0
    const rest = new CatchUpRest(() => time)
    for (let look = 0; look < 100; look += 1) {
      time += 9
      assert.equal(rest.after(1, look), 10)
    }
    time += 1000
    assert.equal(rest.after(1, 1000), 5)
    rest.startOver()
    assert.equal(rest.after(2, 2000), 20)
  })
})
