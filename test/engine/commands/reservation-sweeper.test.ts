import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ReservationSweeper } from '../../../src/engine/commands/reservation-sweeper.ts'
import { StoreUnavailable } from '../../../src/event-store/event-store.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'

type Options = ConstructorParameters<typeof ReservationSweeper>[0]

/** Claims of these streams that nobody finishes, and who is told to finish them. */
const open = (streams: readonly string[], settle: (stream: string) => Promise<boolean>): ReservationSweeper => {
  const rows = streams.map(stream => ({ stream: `endpoint-${stream}`, claim: { stream, events: [{ id: stream }] } }))
  const tables = { open: { rows: () => rows }, detours: { rows: () => [] } }
  const models = { serving: { endpointClaims: { tables } } } as unknown as Options['models']
  const endpoints = { settle: (claim: { stream: string }) => settle(claim.stream) } as unknown as Options['endpoints']
  return new ReservationSweeper({ models, endpoints, detours: {} as Options['detours'], logger: silentLogger })
}

const turn = () => new Promise(setImmediate)

describe('who finishes changes that were left half done', () => {
  it('tries again what the store was away for, until it is finished, and then no more', async t => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    let now = 0
    t.mock.method(performance, 'now', () => now)
    const asked: string[] = []
    let isAway = true
    const keeper = open(['listener-west.a', 'listener-west.b'], async stream => {
      asked.push(stream)
      if (isAway) throw new StoreUnavailable('the event store does not answer')
      return true
    })
    const sweepAfter = async (ms: number): Promise<string[]> => {
      asked.splice(0)
      now += ms
      t.mock.timers.tick(1000)
      await turn()
      return [...asked]
    }
    await keeper.start()
    assert.deepEqual(asked, ['listener-west.a'], 'who is away for one is away for all')
    assert.deepEqual(await sweepAfter(60_000), ['listener-west.a'])
    isAway = false
    assert.deepEqual(await sweepAfter(60_000), ['listener-west.a'])
    assert.deepEqual(await sweepAfter(60_000), ['listener-west.b'])
    assert.deepEqual(await sweepAfter(60_000), [])
    await keeper.close()
  })
})
