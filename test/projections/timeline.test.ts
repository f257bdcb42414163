import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ConditionResult, failed, OK, pending, unknown } from '../../projections/shared/evaluate-conditions.ts'
import { ABSENT, type Transition, timelineOf } from '../../projections/timeline.ts'
import fc from '../support/fast-check.ts'

const END = 30
const verdict = fc.constantFrom<ConditionResult | undefined>(
  OK,
  pending('a'),
  pending('b'),
  failed('a'),
  unknown('a'),
  undefined,
)
const transitions = fc
  .array(fc.record({ time: fc.nat(END), verdict }), { maxLength: 12 })
  .map(all =>
    all.sort((a, b) => a.time - b.time).map((each, index): Transition => ({ ...each, position: 10 * (index + 1) })),
  )
const window = fc
  .tuple(fc.nat(END), fc.nat(END), fc.boolean())
  .map(([a, b, isOpen]) => ({ from: Math.min(a, b), to: Math.max(a, b), isOpen }))

/** What held at a millisecond: found by looking, not by keeping anything. */
const heldAt = (all: readonly Transition[], time: number): ConditionResult | undefined =>
  all.findLast(transition => transition.time <= time)?.verdict

describe('timelineOf', () => {
  it('covers its window with the result of each millisecond', () => {
    fc.assert(
      fc.property(transitions, window, (all, { from, to, isOpen }) => {
        const { intervals } = timelineOf(all, { from, to, isOpen })
        assert.equal(intervals[0]?.from, from)
        assert.equal(intervals.at(-1)?.to, isOpen ? undefined : to)
        for (const [index, { from: begin, to: end }] of intervals.entries()) {
          if (index > 0) assert.equal(begin, intervals[index - 1]?.to)
          if (end !== undefined && from < to) assert.ok(end > begin)
        }
        for (let time = from; time < to; time += 1) {
          const found = intervals.filter(({ from: begin, to: end }) => begin <= time && time < (end ?? Infinity))
          assert.equal(found.length, 1)
          const { status, reason, message } = found[0]!
          assert.deepEqual({ status, reason, message }, heldAt(all, time) ?? ABSENT)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('returns the shares of time that counting milliseconds gives', () => {
    fc.assert(
      fc.property(transitions, window, (all, { from, to }) => {
        const { fractionTrue, fractionUnknown } = timelineOf(all, { from, to, isOpen: false })
        const held = Array.from({ length: to - from }, (_, offset) => heldAt(all, from + offset)).filter(
          verdict => verdict !== undefined,
        )
        const share = (status: string) =>
          held.length === 0 ? 0 : held.filter(verdict => verdict.status === status).length / held.length
        assert.deepEqual([fractionTrue, fractionUnknown], [share('True'), share('Unknown')])
      }),
      { numRuns: 1000 },
    )
  })

  it('counts the milliseconds at which the status changes', () => {
    fc.assert(
      fc.property(transitions, window, (all, { from, to }) => {
        let expected = 0
        for (let time = from + 1; time < to; time += 1) {
          const [before, now] = [heldAt(all, time - 1), heldAt(all, time)]
          if (before !== undefined && now !== undefined && before.status !== now.status) expected += 1
        }
        assert.equal(timelineOf(all, { from, to, isOpen: false }).transitions, expected)
      }),
      { numRuns: 1000 },
    )
  })
})
