import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mergeEvents } from '../../../src/console/events/merge-events.ts'
import type { ListedEvent } from '../../../src/console/events/recent-events.ts'

const event = (position: string) => ({
  position,
  time: '2026-01-01T00:00:00Z',
  stream: 'router-west',
  type: 'RouterConnected',
  actor: 'agent',
  via: null,
  data: {},
})

const known = (positions: readonly string[], from?: string, until?: string) => ({
  events: positions.map(event),
  from,
  until,
})

const isUpToMoment = ({ position }: ListedEvent): boolean => position <= '6'
const wanted = { most: 10, later: 10, isUpToMoment }

const positionsOf = (events: readonly ListedEvent[]) => events.map(({ position }) => position)

describe('mergeEvents', () => {
  test('puts events of several kinds in order, before and after the moment', () => {
    const { events, later, current } = mergeEvents([known(['2', '4', '8']), known(['1', '4', '5', '9'])], wanted)
    assert.deepEqual(positionsOf(events), ['1', '2', '4', '5', '8', '9'])
    assert.deepEqual([later, current?.position], [2, '5'])
  })

  test('has no event where others of any kind may be missing', () => {
    const { events } = mergeEvents([known(['2', '4', '8'], '2', '8'), known(['1', '3', '5', '7', '9'], '3')], wanted)
    assert.deepEqual(positionsOf(events), ['3', '4', '5', '7', '8'])
  })

  test('has at most as many events as are wanted, the nearest to the moment', () => {
    const { events, later } = mergeEvents([known(['1', '3', '5', '7']), known(['2', '4', '8', '9'])], {
      ...wanted,
      most: 2,
      later: 1,
    })
    assert.deepEqual(positionsOf(events), ['4', '5', '7'])
    assert.equal(later, 1)
  })

  test('has none of kinds without events', () =>
    assert.deepEqual(mergeEvents([known([])], wanted), { events: [], later: 0, current: undefined }))
})
