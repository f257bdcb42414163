import type { ConditionResult } from './shared/evaluate-conditions.ts'

/** Undefined means that the resource does not exist. */
export interface Transition {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly position: number
  readonly verdict: ConditionResult | undefined
}

/** Half-open: [from, to). */
export interface ConditionInterval extends ConditionResult {
  readonly from: number
  /** Undefined for the present state. */
  readonly to: number | undefined
  readonly position: number
}

export interface Timeline {
  readonly from: number
  readonly to: number
  readonly intervals: readonly ConditionInterval[]
  /** Shares of the resource's lifetime, 0 to 1; 0 if it never existed. */
  readonly fractionTrue: number
  readonly fractionUnknown: number
  readonly transitions: number
}

export const ABSENT: ConditionResult = { status: 'Unknown', reason: 'NotFound', message: 'There was no such listener' }

export const ABSENT_OR_UNPROBED: ConditionResult = {
  ...ABSENT,
  message: 'There was no such listener, or it had no probe',
}

const isSame = (a: ConditionResult | undefined, b: ConditionResult | undefined): boolean =>
  a === b ||
  (a !== undefined && b !== undefined && a.status === b.status && a.reason === b.reason && a.message === b.message)

interface TimelineWindow {
  readonly from: number
  readonly to: number
  /** The window includes its end, the present, and the last interval stays open. */
  readonly isOpen: boolean
  /** A window that ends at the position of an event includes that event; the transitions hold none after it. */
  readonly includesEnd?: boolean
  /** No later data exists, so the last interval ends with the window. */
  readonly isOver?: boolean
}

/**
 * The last of several transitions in one millisecond counts.
 *
 * @param transitions oldest first; the last one before the window holds at its beginning
 * @param absent the result while the resource does not exist
 */
export const timelineOf = (
  transitions: readonly Transition[],
  { from, to, isOpen, includesEnd = isOpen, isOver = false }: TimelineWindow,
  absent: ConditionResult = ABSENT,
): Timeline => {
  const starts: Transition[] = [{ time: from, position: 0, verdict: undefined }]
  for (const transition of transitions) {
    if (transition.time > to || (transition.time === to && to > from && !includesEnd)) break
    const start = { ...transition, time: Math.max(transition.time, from) }
    const last = starts.at(-1) as Transition
    if (last.time === start.time) starts.pop()
    if (isSame(starts.at(-1)?.verdict, start.verdict) && starts.length > 0) continue
    starts.push(start)
  }
  const time = { True: 0, False: 0, Unknown: 0 }
  let changes = 0
  const intervals = starts.map(({ time: begin, position, verdict }, index): ConditionInterval => {
    const end = starts[index + 1]?.time
    if (verdict !== undefined) time[verdict.status] += (end ?? to) - begin
    const before = starts[index - 1]?.verdict
    if (verdict !== undefined && before !== undefined && before.status !== verdict.status) changes += 1
    return { ...(verdict ?? absent), from: begin, to: end ?? (isOpen && !isOver ? undefined : to), position }
  })
  const existed = time.True + time.False + time.Unknown
  const share = (part: number): number => (existed === 0 ? 0 : part / existed)
  return {
    from,
    to,
    intervals,
    fractionTrue: share(time.True),
    fractionUnknown: share(time.Unknown),
    transitions: changes,
  }
}
