import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ReservationSweeper } from '../../../src/engine/commands/reservation-sweeper.ts'
import { StoreUnavailable } from '../../../src/event-store/event-store.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'

type Options = ConstructorParameters<typeof ReservationSweeper>[0]

/** A sweeper of open claims for these streams. */
const sweeperOf = (streams: readonly string[], complete: (stream: string) => Promise<boolean>): ReservationSweeper => {
  const rows = streams.map(stream => ({ stream: `endpoint-${stream}`, claim: { stream, events: [{ id: stream }] } }))
  const tables = { open: { rows: () => rows }, detours: { sortedKeys: () => [] } }
  const models = { serving: { endpointClaims: { tables } } } as unknown as Options['models']
  const endpoints = {
    complete: (claim: { stream: string }) => complete(claim.stream),
  } as unknown as Options['endpoints']
  return new ReservationSweeper({ models, endpoints, detours: {} as Options['detours'], logger: silentLogger })
}

const turn = () => new Promise(setImmediate)

describe('ReservationSweeper', () => {
  it('retries a claim after an outage of the store, and completes each claim once', async t => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    let now = 0
    t.mock.method(performance, 'now', () => now)
    const attempts: string[] = []
    let isAway = true
    const sweeper = sweeperOf(['listener-west.a', 'listener-west.b'], async stream => {
      attempts.push(stream)
      if (isAway) throw new StoreUnavailable('the event store does not respond')
      return true
    })
    const sweepAfter = async (ms: number): Promise<string[]> => {
      attempts.splice(0)
      now += ms
      t.mock.timers.tick(1000)
      await turn()
      return [...attempts]
    }
    await sweeper.start()
    assert.deepEqual(attempts, ['listener-west.a'], 'a sweep ends at the first outage')
    assert.deepEqual(await sweepAfter(60_000), ['listener-west.a'])
    isAway = false
    assert.deepEqual(await sweepAfter(60_000), ['listener-west.a'])
    assert.deepEqual(await sweepAfter(60_000), ['listener-west.b'])
    assert.deepEqual(await sweepAfter(60_000), [])
    await sweeper.close()
  })
})
