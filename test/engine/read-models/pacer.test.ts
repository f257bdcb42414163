import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Pacer } from '../../../src/engine/read-models/pacer.ts'

/** On a clock that each step moves by a millisecond. */
const paced = () => {
  const rests: number[] = []
  const log: string[] = []
  let time = 0
  const pacer = new Pacer({
    now: () => time,
    rest: async milliseconds => {
      rests.push(milliseconds)
      log.push('rest')
      await new Promise(resolve => setImmediate(resolve))
    },
  })
  const run = (name: string, steps: number): Promise<void> => {
    let left = steps
    return pacer.run(() => {
      time += 1
      log.push(name)
      left -= 1
      return left > 0
    })
  }
  return { run, rests, log }
}

describe('Pacer', () => {
  it('rests after each slice of 5 ms for as long as the slice took', async () => {
    const { run, rests, log } = paced()
    await run('a', 12)
    assert.deepEqual(rests, [5, 5, 2])
    assert.equal(log.filter(entry => entry === 'a').length, 12)
  })

  it('lets works take turns, one slice at a time', async () => {
    const { run, log } = paced()
    await Promise.all([run('a', 10), run('b', 10)])
    assert.deepEqual(
      log.filter((entry, at) => entry !== 'rest' && log[at - 1] !== entry),
      ['a', 'b', 'a', 'b'],
    )
    assert.equal(log.filter(entry => entry === 'rest').length, 4)
  })

  it('continues after work that throws', async () => {
    const { run, rests } = paced()
    const pacer = new Pacer({ now: () => 0, rest: async () => {} })
    await assert.rejects(
      pacer.run(() => {
        throw new Error('no')
      }),
      { message: 'no' },
    )
    await pacer.run(() => false)
    await run('a', 1)
    assert.deepEqual(rests, [1])
  })
})
