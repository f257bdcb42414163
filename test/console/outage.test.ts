import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { outageOf } from '../../src/console/resources/outage.ts'

const change = (event: string, status: string | undefined, name = 'backend') => ({
  event,
  listeners: [{ name, after: status === undefined ? null : { status: { laneStatus: status } } }],
})

describe('an outage of a listener', () => {
  test('ends when it is Ready again, so that a later failure is no part of it', () => {
    const changes = [
      change('opened', 'Ready'),
      change('moved', 'Pending'),
      change('address in use', 'Error'),
      change('opened again', 'Ready'),
    ]
    assert.deepEqual(outageOf(changes, 'backend'), {
      events: ['opened'],
      end: { event: 'opened', isReady: true },
    })
  })

  test('lasts while only other listeners are Ready', () => {
    const changes = [change('opened', 'Ready', 'other'), change('failed', 'Error')]
    assert.deepEqual(outageOf(changes, 'backend'), { events: ['opened', 'failed'], end: undefined })
  })

  test('ends when the listener is deleted', () => {
    const changes = [change('deleted', undefined), change('created', 'Pending')]
    assert.deepEqual(outageOf(changes, 'backend'), { events: ['deleted'], end: { event: 'deleted', isReady: false } })
  })
})
