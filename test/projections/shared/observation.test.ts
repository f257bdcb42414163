import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connectorStatus } from '../../../projections/connector-status.ts'
import { listenerStatus } from '../../../projections/listener-status.ts'
import { type ConditionResult, OK, pending, unknown } from '../../../projections/shared/evaluate-conditions.ts'
import { asUnobserved, type Gap, gapAt, notObserved, withGaps } from '../../../projections/shared/observation.ts'
import { sites } from '../../../projections/sites.ts'
import { type Transition, timelineOf } from '../../../projections/timeline.ts'
import { connectorCreated, listenerCreated } from '../../support/domain/event-builders.ts'
import fc from '../../support/fast-check.ts'
import { positionAt, tablesAfter, timeAt } from '../../support/projections/recorded.ts'
import {
  connectorAccepted,
  connectorSeen,
  listenerOpened,
  listenerSeen,
  routerAttached,
  routerConnected,
  routerDetached,
  routerLost,
  routerUnobserved,
} from '../../support/projections/router-facts.ts'

const SINCE = '2026-11-23T09:59:00.000Z'
const READY = [listenerCreated(), routerAttached(), routerConnected(), listenerOpened(), connectorSeen('a')]

describe('RouterUnobserved', () => {
  const statusAfter = (...events: Parameters<typeof tablesAfter>[1][]) => {
    const row = tablesAfter(listenerStatus, ...events).listeners.get('listener-west.backend')
    const ready = row?.conditions.Ready
    return [ready?.status, ready?.reason, ready?.message, row?.hasMatchingConnector]
  }

  it('sets every condition of a listener to Unknown, with the time', () => {
    const row = tablesAfter(listenerStatus, ...READY, routerUnobserved(SINCE)).listeners.get('listener-west.backend')
    for (const condition of Object.values(row?.conditions ?? {})) {
      assert.deepEqual(
        { status: condition.status, reason: condition.reason, message: condition.message },
        { status: 'Unknown', reason: 'NotObserved', message: `No engine has watched the router since ${SINCE}` },
      )
    }
    assert.equal(row?.hasMatchingConnector, false)
  })

  it('sets every condition of a connector to Unknown', () => {
    const events = [connectorCreated(), routerAttached(), routerConnected(), connectorAccepted(), listenerSeen('a')]
    const row = tablesAfter(connectorStatus, ...events, routerUnobserved(SINCE)).connectors.get(
      'connector-west.backend',
    )
    for (const { reason } of Object.values(row?.conditions ?? {})) assert.equal(reason, 'NotObserved')
    assert.equal(row?.hasMatchingListener, false)
  })

  it('is followed by the earlier conditions once the router is connected', () => {
    assert.deepEqual(statusAfter(...READY, routerUnobserved(SINCE), routerConnected()), ['True', 'Ready', 'OK', true])
  })

  it('is followed by RouterUnreachable after RouterLost', () => {
    const [status, reason] = statusAfter(...READY, routerUnobserved(SINCE), routerLost())
    assert.deepEqual([status, reason], ['Unknown', 'RouterUnreachable'])
  })

  it('changes nothing without a router', () => {
    const declared = [listenerCreated(), connectorCreated()]
    const before = statusAfter(...declared)
    assert.deepEqual(statusAfter(...declared, routerUnobserved(SINCE)), before)
    assert.deepEqual(statusAfter(...declared, routerAttached(), routerDetached(), routerUnobserved(SINCE)), before)
  })

  it('records a gap', () => {
    const events = [routerAttached(), routerConnected(), routerUnobserved(SINCE)]
    assert.deepEqual(
      [...tablesAfter(sites, ...events).unobserved.where('namespace', 'west')],
      [
        {
          namespace: 'west',
          from: Date.parse(SINCE),
          to: Date.parse(timeAt(2)),
          position: positionAt(2),
          since: SINCE,
        },
      ],
    )
  })

  it('records no gap of zero length', () => {
    const { unobserved } = tablesAfter(sites, routerAttached(), routerConnected(), routerUnobserved(timeAt(2)))
    assert.deepEqual([...unobserved.where('namespace', 'west')], [])
  })
})

const END = 40
const verdict = fc.constantFrom<ConditionResult | undefined>(OK, pending('a'), unknown('a'), undefined)
const transitions = fc
  .array(fc.record({ time: fc.nat(END), verdict }), { maxLength: 12 })
  .map(all =>
    all.sort((a, b) => a.time - b.time).map((each, index): Transition => ({ ...each, position: 10 * (index + 1) })),
  )
const gaps = fc.array(fc.tuple(fc.nat(END), fc.nat(END)), { maxLength: 4 }).map(all =>
  all.map(([a, b], index): Gap => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)]
    return { from, to, position: 1000 + index, since: String(from) }
  }),
)
const heldAt = (all: readonly Transition[], time: number): ConditionResult | undefined =>
  all.findLast(transition => transition.time <= time)?.verdict

describe('withGaps', () => {
  it('returns NotObserved in gaps, and the transitions outside of them', () => {
    fc.assert(
      fc.property(transitions, gaps, fc.boolean(), (all, unobserved, isOpen) => {
        const { intervals, fractionTrue } = timelineOf(withGaps(all, unobserved), { from: 0, to: END, isOpen })
        let ready = 0
        let existed = 0
        for (let time = 0; time < END; time += 1) {
          const found = intervals.filter(({ from, to }) => from <= time && time < (to ?? Infinity))
          assert.equal(found.length, 1)
          const held = heldAt(all, time)
          const isUnobserved = gapAt(unobserved, time) !== undefined
          if (held === undefined) assert.equal(found[0]?.reason, 'NotFound')
          else assert.equal(found[0]?.reason, isUnobserved ? 'NotObserved' : held.reason)
          if (held !== undefined) existed += 1
          if (held?.status === 'True' && !isUnobserved) ready += 1
        }
        assert.equal(fractionTrue, existed === 0 ? 0 : ready / existed)
      }),
      { numRuns: 2000 },
    )
  })

  it('has no end for an open gap', () => {
    const all = [{ time: 0, position: 10, verdict: OK }]
    const open = [{ from: 5, to: Infinity, position: 10, since: 'then' }]
    assert.deepEqual(withGaps(all, open), [...all, { time: 5, position: 10, verdict: notObserved('then') }])
  })
  it('replaces a transition at the beginning of a gap', () => {
    const [ready, failed, again] = [OK, pending('Pending'), OK].map((verdict, index) => ({
      time: 10 * index,
      position: 10 * (index + 1),
      verdict,
    })) as [Transition, Transition, Transition]
    const gap = { from: 10, to: 15, position: 99, since: 'then' }
    assert.deepEqual(withGaps([ready, failed, again], [gap]), [
      ready,
      { time: 10, position: 99, verdict: notObserved('then') },
      { ...failed, time: 15 },
      again,
    ])
  })
})

describe('asUnobserved', () => {
  it('makes each condition Unknown since the gap, or since it was Unknown before', () => {
    const condition = (status: string) => ({ ...OK, status, lastTransitionTime: 'before', observedGeneration: 3 })
    const row = { name: 'a', conditions: { Ready: condition('True'), Matched: condition('Unknown') } }
    const unobserved = { observedGeneration: 3, ...notObserved(SINCE) }
    assert.deepEqual(asUnobserved(row as never, SINCE), {
      name: 'a',
      conditions: {
        Ready: { ...unobserved, lastTransitionTime: SINCE },
        Matched: { ...unobserved, lastTransitionTime: 'before' },
      },
    })
  })
})
