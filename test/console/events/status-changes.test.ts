import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  currentStatus,
  newStatusesOf,
  ownStatusesOf,
  type StatusChange,
} from '../../../src/console/events/status-changes.ts'
import type { LaneStatus } from '../../../src/console/lanes/lane.ts'

const FIRST = Date.UTC(2026, 0, 1)

const event = (position: string, time: number) => ({
  position,
  time: new Date(FIRST + time).toISOString(),
  stream: 'router-west',
  type: 'RouterConnected',
  actor: 'agent',
  via: null,
  data: {},
})

const change = (position: string | undefined, time: number, status: LaneStatus | undefined): StatusChange => ({
  status,
  time: FIRST + time,
  event: position === undefined ? undefined : event(position, time),
})

const CHANGES = {
  kind: 'Listener',
  before: [change('1', 0, 'Pending'), change('3', 20, 'Ready'), change('4', 30, 'Error')],
  after: [change(undefined, 40, 'NotObserved'), change('7', 50, 'Ready'), change('8', 60, undefined)],
} as const

describe('currentStatus', () => {
  test('has the beginning and the end of a status of the past', () =>
    assert.deepEqual(currentStatus(CHANGES), { status: 'Error', from: FIRST + 30, to: FIRST + 40 }))

  test('has no end while the status lasts', () =>
    assert.deepEqual(currentStatus({ ...CHANGES, after: [] }), { status: 'Error', from: FIRST + 30, to: undefined }))

  test('is unknown before the first change', () => assert.equal(currentStatus({ before: [], after: [] }), undefined))
})

describe('newStatusesOf', () => {
  const newStatusOf = newStatusesOf(CHANGES)

  test('returns the status that began with an event', () => {
    assert.deepEqual(newStatusOf(event('4', 30)), { kind: 'Listener', status: 'Error', isReadyAgain: false })
    assert.deepEqual(newStatusOf(event('3', 20)), { kind: 'Listener', status: 'Ready', isReadyAgain: false })
    assert.deepEqual(newStatusOf(event('7', 50)), { kind: 'Listener', status: 'Ready', isReadyAgain: true })
  })

  test('returns nothing for an event with which no status began', () => {
    for (const [position, time] of [
      ['5', 35],
      ['8', 60],
    ] as const)
      assert.equal(newStatusOf(event(position, time)), undefined, position)
  })

  test('returns nothing for an event that reports an earlier change', () => {
    const reported = { ...change('9', 70, 'NotObserved'), time: FIRST + 40 }
    assert.equal(newStatusesOf({ ...CHANGES, after: [reported] })(event('9', 70)), undefined)
  })

  test('does not call a resource Ready again that has the name of a deleted one', () => {
    const changes = { ...CHANGES, after: [...CHANGES.after, change('9', 70, 'Ready')] }
    assert.equal(newStatusesOf(changes)(event('9', 70))?.isReadyAgain, false)
  })
})

describe('ownStatusesOf', () => {
  const listed = (position: string, type: string, newStatus: LaneStatus | null, name = 'backend') => ({
    ...event(position, Number(position)),
    stream: `listener-west.${name}`,
    type,
    newStatus,
  })

  const againIn = (events: Parameters<typeof ownStatusesOf>[0]) => {
    const statusOf = ownStatusesOf(events)
    return events.map(each => statusOf(each)?.isReadyAgain)
  }

  test('states that a resource is Ready again if an earlier event of the list made it Ready', () =>
    assert.deepEqual(
      againIn([
        listed('1', 'ListenerOpened', 'Ready', 'other'),
        listed('2', 'ListenerOpened', 'Ready'),
        listed('3', 'ListenerFailedToOpen', 'Error'),
        listed('4', 'PortUpdated', null),
        listed('5', 'ListenerOpened', 'Ready'),
      ]),
      [false, false, false, undefined, true],
    ))

  test('does not call a resource Ready again that has the name of a deleted one', () =>
    assert.deepEqual(
      againIn([
        listed('1', 'ListenerOpened', 'Ready'),
        listed('2', 'ListenerDeleted', null),
        listed('3', 'ListenerOpened', 'Ready'),
      ]),
      [false, undefined, false],
    ))

  test('has the kind of the resource that a router reports about', () => {
    const reported = { ...listed('1', 'ListenerOpened', 'Ready'), stream: 'router-west', data: { name: 'backend' } }
    assert.deepEqual(ownStatusesOf([reported])(reported), { kind: 'Listener', status: 'Ready', isReadyAgain: false })
  })
})
