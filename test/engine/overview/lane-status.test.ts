import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VERSION_KIND } from '../../../src/engine/history/row-version.ts'
import {
  codeIn,
  LANE_CODE,
  laneStateAfter,
  laneStatusOf,
  laneStatusOfRouter,
  NO_RESOURCE,
} from '../../../src/engine/overview/lane-status.ts'

const condition = (reason: string) => ({ status: 'True', reason, message: 'OK' })
const whole = { conditions: { Ready: condition('Ready'), Configured: condition('Ready') } }

describe('laneStateAfter', () => {
  for (const field of ['labels', 'annotations', 'settings', 'weighted'])
    it(`takes no key of ${field} for a condition`, () => {
      const ready = laneStateAfter(NO_RESOURCE, VERSION_KIND.whole, JSON.stringify(whole), false)
      const patch = { [field]: { Ready: null, conditions: 'x' }, conditions: { Configured: { reason: 'Pending' } } }
      const after = laneStateAfter(ready, VERSION_KIND.patch, JSON.stringify(patch), false)
      assert.equal(codeIn(after.codes, 'Ready'), LANE_CODE.Ready)
      assert.equal(codeIn(after.codes, 'Configured'), LANE_CODE.Pending)
    })

  it('keeps the state if only labels change', () => {
    const ready = laneStateAfter(NO_RESOURCE, VERSION_KIND.whole, JSON.stringify(whole), false)
    const patch = JSON.stringify({ labels: { Ready: null, conditions: null } })
    assert.deepEqual(laneStateAfter(ready, VERSION_KIND.patch, patch, false), ready)
  })
})

describe('laneStatusOfRouter', () => {
  const since = '2026-01-01T00:00:00.000Z'
  for (const [router, status] of [
    [{ connection: 'Detached', message: 'No router attached', since }, 'Pending'],
    [{ connection: 'Connecting', message: 'Connecting', since }, 'Pending'],
    [{ connection: 'Connected', message: 'OK', since }, 'Ready'],
    [{ connection: 'Connecting', message: 'The router does not respond: refused', since }, 'Unknown'],
    [{ connection: 'Connecting', message: 'Not observed', since, unobservedSince: since }, 'NotObserved'],
  ] as const)
    it(`is ${status}, as in its lane: ${router.connection}, ${router.message}`, () => {
      assert.equal(laneStatusOfRouter(router), status)
      const lane = laneStateAfter(NO_RESOURCE, VERSION_KIND.whole, JSON.stringify(router), true)
      assert.equal(laneStatusOf(codeIn(lane.codes, 'Ready')), status)
    })
})
