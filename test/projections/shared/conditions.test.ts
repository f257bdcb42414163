import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type ConditionResult,
  conditionsAt,
  failed,
  OK,
  pending,
  readyResult,
  resourceStatus,
  sameConditions,
  unknown,
} from '../../../projections/shared/evaluate-conditions.ts'

const NOT_CONFIGURED = pending('Not Configured')
const NOT_MATCHED = pending('No matching connectors')
const REFUSED = failed('port is taken')
const LOST = unknown('connection refused')

describe('readyResult', () => {
  const table: readonly (readonly [
    configured: ConditionResult,
    matched: ConditionResult,
    ready: ConditionResult,
    status: string,
  ])[] = [
    [OK, OK, OK, 'Ready'],
    [OK, NOT_MATCHED, NOT_MATCHED, 'Pending'],
    [NOT_CONFIGURED, OK, NOT_CONFIGURED, 'Pending'],
    [NOT_CONFIGURED, NOT_MATCHED, NOT_CONFIGURED, 'Pending'],
    [REFUSED, OK, REFUSED, 'Error'],
    [REFUSED, NOT_MATCHED, REFUSED, 'Error'],
    [LOST, LOST, LOST, 'Pending'],
    [OK, LOST, LOST, 'Pending'],
    [LOST, NOT_MATCHED, NOT_MATCHED, 'Pending'],
    [LOST, OK, LOST, 'Pending'],
  ]
  const named = ({ status, message }: ConditionResult): string => `${status} (${message})`
  for (const [configured, matched, ready, status] of table) {
    it(`is ${named(ready)} if Configured is ${named(configured)} and Matched ${named(matched)}`, () => {
      assert.deepEqual(readyResult(configured, matched), ready)
      assert.equal(
        resourceStatus(
          conditionsAt(
            undefined,
            { configured: configured, matched: matched },
            { generation: 1, time: '2026-11-23T10:00:00.000Z' },
          ),
        ),
        status,
      )
    })
  }
})

describe('conditionsAt', () => {
  const at = (second: number): string => `2026-11-23T10:00:0${second}.000Z`
  const first = conditionsAt(
    undefined,
    { configured: NOT_CONFIGURED, matched: NOT_MATCHED },
    { generation: 1, time: at(0) },
  )

  it('sets the first transition time', () => {
    for (const condition of Object.values(first)) assert.equal(condition.lastTransitionTime, at(0))
  })

  it('changes the transition time of conditions whose status changes', () => {
    const then = conditionsAt(first, { configured: OK, matched: NOT_MATCHED }, { generation: 1, time: at(1) })
    assert.equal(then.Configured.lastTransitionTime, at(1))
    assert.equal(then.Matched.lastTransitionTime, at(0))
    assert.equal(then.Ready.lastTransitionTime, at(0))
  })

  it('keeps the transition time if only reason or message change', () => {
    const then = conditionsAt(first, { configured: REFUSED, matched: NOT_MATCHED }, { generation: 2, time: at(1) })
    assert.deepEqual(then.Configured, { ...REFUSED, lastTransitionTime: at(0), observedGeneration: 2 })
    assert.deepEqual(then.Ready, { ...REFUSED, lastTransitionTime: at(0), observedGeneration: 2 })
  })

  it('sets observedGeneration, which sameConditions compares', () => {
    const one = conditionsAt(undefined, { configured: OK, matched: OK }, { generation: 1, time: at(1) })
    assert.equal(
      sameConditions(one, conditionsAt(one, { configured: OK, matched: OK }, { generation: 1, time: at(2) })),
      true,
    )
    assert.equal(
      sameConditions(one, conditionsAt(one, { configured: OK, matched: OK }, { generation: 2, time: at(2) })),
      false,
    )
    assert.equal(
      sameConditions(one, conditionsAt(one, { configured: OK, matched: NOT_MATCHED }, { generation: 1, time: at(2) })),
      false,
    )
    assert.equal(
      sameConditions(one, conditionsAt(one, { configured: REFUSED, matched: OK }, { generation: 1, time: at(2) })),
      false,
    )
  })
})
