import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { History } from '../../../src/engine/history/history.ts'
import type { ObservedTime } from '../../../src/engine/history/observed-time.ts'
import type { EventTimes } from '../../../src/engine/overview/event-times.ts'
import type { LaneQuery } from '../../../src/engine/overview/lane-query.ts'
import { createLanes } from '../../../src/engine/overview/lanes.ts'
import type { LanesRequest } from '../../../src/engine/overview/types.ts'

const LANES = 130
const REQUEST: LanesRequest = { orderBy: 'Name', resolution: 10, first: LANES, kinds: ['Listener'] }
const COLUMNS = { segments: {}, marks: {} }

const ref = (_: unknown, place: number) => ({ kind: 'Listener', namespace: 'west', name: `l-${place}`, order: '' })

const answerTo = (query: LaneQuery): unknown => {
  if ('lanes' in query) return query.lanes.map(() => ({ code: 1, ...COLUMNS }))
  const { first } = query as LaneQuery & { readonly of: 'laneRefs' }
  return { items: Array.from({ length: Math.min(first, LANES) }, ref), total: LANES, before: 0 }
}

/** A history whose calls resolve or reject when the test calls `settle`. */
const setUp = () => {
  const calls: { readonly query: LaneQuery; settle(failure?: Error): void }[] = []
  const query = (_: number, asked: LaneQuery) =>
    new Promise((resolve, reject) => {
      calls.push({
        query: asked,
        settle: failure => (failure === undefined ? resolve(answerTo(asked)) : reject(failure)),
      })
    })
  const lanes = createLanes({
    history: { query } as unknown as History,
    observed: { gapsBefore: () => [] } as unknown as ObservedTime,
    times: { span: () => undefined } as unknown as EventTimes,
    timesOf: async () => ({ from: 0, to: 100, isOpen: true }),
    positionOf: async () => 1,
  })
  return { calls, lanes }
}

const settled = () => new Promise(setImmediate)

describe('read.lanes', () => {
  it('leaves one call to the history at a time, and lets requests take turns', async () => {
    const { calls, lanes } = setUp()
    const both = Promise.all([lanes(REQUEST), lanes(REQUEST)])
    const order: string[] = []
    for (let call = 0; call < 8; call += 1) {
      await settled()
      assert.equal(calls.length, call + 1, 'another call waits in the thread')
      const { query, settle } = calls[call] as (typeof calls)[number]
      order.push('lanes' in query ? String(query.lanes.length) : 'refs')
      settle()
    }
    assert.deepEqual(order, ['refs', 'refs', '50', '50', '50', '50', '30', '30'])
    for (const { totalCount } of await both) assert.equal(totalCount, LANES)
  })

  it('goes on with other requests after one has failed', async () => {
    const { calls, lanes } = setUp()
    const failed = assert.rejects(lanes(REQUEST), /disk/)
    const other = lanes({ ...REQUEST, first: 1 })
    await settled()
    calls[0]?.settle(new Error('disk'))
    await failed
    for (const call of [1, 2]) {
      await settled()
      calls[call]?.settle()
    }
    assert.equal((await other).lanes.length, 1)
  })
})
