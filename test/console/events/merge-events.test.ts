import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mergeEvents } from '../../../src/console/events/merge-events.ts'

const event = (position: string) => ({
  position,
  time: '2026-01-01T00:00:00Z',
  stream: 'router-west',
  type: 'RouterConnected',
  actor: 'agent',
  via: null,
  data: {},
})

describe('mergeEvents', () => {
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
