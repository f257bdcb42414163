import type { Transition } from '../timeline.ts'
import type { Condition, ConditionResult, Conditions } from './conditions.ts'

/** A time in which no engine watched a router, half-open, in milliseconds since 1970. */
export interface Gap {
  readonly from: number
  /** Infinity where no engine has watched since. */
  readonly to: number
  /** Of the event that told of it. */
  readonly position: number
  /** `from` as that event has it. */
  readonly since: string
}

/** What is known of a status while no engine watches the router that it rests on. */
export const notObserved = (since: string): ConditionResult => ({
  status: 'Unknown',
  reason: 'NotObserved',
  message: `No engine has watched the router since ${since}`,
})

export const gapAt = (gaps: readonly Gap[], time: number): Gap | undefined =>
  gaps.find(({ from, to }) => from <= time && time < to)

/** Oldest first and apart from each other: of two that overlap the earlier one counts until its end. */
const apart = (gaps: readonly Gap[]): Gap[] => {
  const found: Gap[] = []
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const from = Math.max(gap.from, found.at(-1)?.to ?? gap.from)
    if (from < gap.to) found.push({ ...gap, from })
  }
  return found
}

/**
 * Transitions as they are known now: what was said last before a gap was found out later to say nothing of the gap. While
 * there is no resource there is nothing to watch.
 *
 * @param transitions oldest first
 */
export const withGaps = (transitions: readonly Transition[], gaps: readonly Gap[]): readonly Transition[] => {
  const all = apart(gaps)
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

/** A row as it is known at a moment at which no engine had watched since. */
export const asUnobserved = <Row extends { readonly conditions: Conditions }>(row: Row, since: string): Row => {
  const conditions = Object.fromEntries(
    Object.entries(row.conditions).map(([type, condition]: [string, Condition]) => {
      const lastTransitionTime = condition.status === 'Unknown' ? condition.lastTransitionTime : since
      return [type, { ...condition, ...notObserved(since), lastTransitionTime }]
    }),
  ) as unknown as Conditions
  return { ...row, conditions }
}
