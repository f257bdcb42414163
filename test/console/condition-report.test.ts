import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { reportOf } from '../../src/console/resources/condition-report.ts'

const event = (position: string, message?: string) => ({
  position,
  time: `2026-11-29T12:00:00.00${position}Z`,
  type: 'ListenerFailedToOpen',
  stream: 'router-west',
  data: { ...(message && { message }) },
})

describe('the report of a condition', () => {
  const events = [event('1'), event('2', 'in use'), event('3', 'refused'), event('4', 'in use')]

  test('is the latest event with its message, up to the moment shown', () => {
    assert.equal(reportOf({ message: 'in use' }, { events, current: events[3] })?.position, '4')
    assert.equal(reportOf({ message: 'in use' }, { events, current: events[2] })?.position, '2')
  })

  test('is missing if no event has its message', () => {
    assert.equal(reportOf({ message: 'Not Configured' }, { events, current: events[3] }), undefined)
    assert.equal(reportOf({ message: 'in use' }, { events, current: undefined }), undefined)
  })
})
