import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mergeEvents } from '../../../src/console/events/merge-events.ts'
import type { Segment } from '../../../src/console/lanes/lane.ts'
import { statusChangers } from '../../../src/console/lanes/status/status-changers.ts'

const segment = (from: number, to: number, position: string | undefined, changes = 0): Segment => ({
  from,
  to,
  status: 'Ready',
  changes,
  position,
  message: undefined,
})

describe('statusChangers', () => {
  const load = async ({ from, to }: { readonly from: number; readonly to: number }): Promise<readonly Segment[]> =>
    from === 0
      ? [segment(0, 100, undefined), segment(100, 200, '3', 2), segment(200, 300, '3'), segment(300, to, '7')]
      : [segment(from, 120, undefined), segment(120, 130, '1'), segment(130, to, '3')]

  test('finds the events within a segment of several changes', async () =>
    assert.deepEqual(await statusChangers(load, { from: 0, to: 400 }, 5), ['1', '3', '7']))

  test('loads no more windows than it may', async () =>
    assert.deepEqual(await statusChangers(load, { from: 0, to: 400 }, 1), ['3', '7']))
})

describe('mergeEvents', () => {
  const event = (position: string) => ({
    position,
    time: '2026-01-01T00:00:00Z',
    stream: 'router-west',
    type: 'RouterConnected',
    actor: 'agent',
    via: null,
    data: {},
  })
  const own = { events: ['2', '4', '8'].map(event), later: 1, current: event('4') }

  test('adds the events of others, before and after the moment', () => {
    const { events, later, current } = mergeEvents(
      own,
      ['1', '4', '5', '9'].map(event),
      ({ position }) => position <= '6',
    )
    assert.deepEqual(
      events.map(({ position }) => position),
      ['2', '4', '5', '8', '9'],
    )
    assert.deepEqual([later, current?.position], [2, '5'])
  })

  test('leaves the events of a resource as they are without others', () =>
    assert.equal(
      mergeEvents(own, [event('4')], () => true),
      own,
    ))
})
