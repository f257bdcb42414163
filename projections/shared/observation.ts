import type { Transition } from '../timeline.ts'
import type { AnyConditions, Condition, ConditionResult } from './evaluate-conditions.ts'

/** A half-open interval without an engine observing the router, in milliseconds since 1970. */
export interface Gap {
  readonly from: number
  /** Infinity for a gap that continues. */
  readonly to: number
  readonly position: number
  readonly since: string
}

export const notObserved = (since: string): ConditionResult => ({
  status: 'Unknown',
  reason: 'NotObserved',
  message: `No engine has watched the router since ${since}`,
})

export const gapAt = (gaps: readonly Gap[], time: number): Gap | undefined =>
  gaps.find(({ from, to }) => from <= time && time < to)

/** Sorts gaps; if two overlap, the earlier one counts until its end. */
export const disjoint = (gaps: readonly Gap[]): Gap[] => {
  const found: Gap[] = []
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const from = Math.max(gap.from, found.at(-1)?.to ?? gap.from)
    if (from < gap.to) found.push({ ...gap, from })
  }
  return found
}

/**
 * Overlays transitions with gaps, which replace results but not the absence of a resource.
 *
 * @param transitions oldest first
 */
export const withGaps = (transitions: readonly Transition[], gaps: readonly Gap[]): readonly Transition[] => {
  const all = disjoint(gaps)
  if (all.length === 0) return transitions
  const known: Transition[] = []
  let next = 0
  for (const [index, transition] of transitions.entries()) {
    const end = transitions[index + 1]?.time ?? Number.POSITIVE_INFINITY
    while ((all[next]?.to ?? Number.POSITIVE_INFINITY) <= transition.time) next += 1
    known.push(transition)
    if (transition.verdict === undefined) continue
    for (let at = next; at < all.length && (all[at] as Gap).from < end; at += 1) {
      const { from, to, position, since } = all[at] as Gap
      if (from <= transition.time) known.pop()
      known.push({ time: Math.max(from, transition.time), position, verdict: notObserved(since) })
      if (to < end) known.push({ ...transition, time: to })
    }
  }
  return known
}

export const asUnobserved = <Row extends { readonly conditions: AnyConditions }>(row: Row, since: string): Row => {
  const conditions = Object.fromEntries(
    Object.entries(row.conditions).map(([type, condition]: [string, Condition]) => {
      const lastTransitionTime = condition.status === 'Unknown' ? condition.lastTransitionTime : since
      return [type, { ...condition, ...notObserved(since), lastTransitionTime }]
    }),
  ) as unknown as Row['conditions']
  return { ...row, conditions }
}
