import { type Gap, withGaps } from '../../../projections/shared/observation.ts'
import { type ConditionInterval, type Timeline, timelineOf } from '../../../projections/timeline.ts'
import { LISTENER_PREFIX } from '../../../schemas/events/streams.ts'
import type { ListenerTransitions } from '../history/as-of-query.ts'
import type { History } from '../history/history.ts'
import type { TimeWindow } from '../history/moments.ts'
import type { ObservedTime } from '../history/observed-time.ts'
import { fromColumns } from '../history/timeline/condition-transitions.ts'
import { fromCursor, toCursor } from '../queries/pagination.ts'
import type { PageRequest } from '../queries/types.ts'
import type { AuditFilter, Availability, AvailabilityPage } from './types.ts'

/** Listeners per call; other calls to the thread run in between. */
const AT_ONCE = 100

const isAbsent = ({ reason }: ConditionInterval): boolean => reason === 'NotFound'

const namesIn = (key: string): { readonly namespace: string; readonly name: string } => {
  const dot = key.indexOf('.')
  return { namespace: key.slice(LISTENER_PREFIX.length, dot), name: key.slice(dot + 1) }
}

const shareNotObserved = ({ intervals, to: end }: Timeline): number => {
  const lengthOf = (some: readonly ConditionInterval[]): number =>
    some.reduce((sum, { from, to = end }) => sum + to - from, 0)
  const existing = lengthOf(intervals.filter(interval => !isAbsent(interval)))
  return existing === 0 ? 0 : lengthOf(intervals.filter(({ reason }) => reason === 'NotObserved')) / existing
}

const rowOf = (key: string, timeline: Timeline): Availability => ({
  ...namesIn(key),
  fractionReady: timeline.fractionTrue,
  fractionUnknown: timeline.fractionUnknown,
  fractionNotObserved: shareNotObserved(timeline),
  transitions: timeline.transitions,
})

/** Includes deleted listeners. */
export const availabilityOf = async (
  history: History,
  observed: ObservedTime,
  { namespace, name, kind }: AuditFilter,
  window: TimeWindow,
  { first, after }: PageRequest,
): Promise<AvailabilityPage> => {
  const rows: { readonly cursor: string; readonly row: Availability }[] = []
  let behind = after === undefined ? '' : fromCursor(after)
  const gaps = new Map<string, readonly Gap[]>()
  const gapsOf = (of: string): readonly Gap[] => {
    const found = gaps.get(of) ?? observed.gapsBefore(of, window.to)
    gaps.set(of, found)
    return found
  }
  if (kind !== undefined && kind !== 'Listener') return { rows, hasNextPage: false }
  for (;;) {
    const query = { of: 'transitionsOfMany', namespace, name, type: 'Ready', after: window.after } as const
    const found = await history.query<ListenerTransitions>(window.until, { ...query, behind, most: AT_ONCE })
    for (const [place, key] of found.keys.entries()) {
      const timeline = timelineOf(
        withGaps(fromColumns(found.transitions[place]!), gapsOf(namesIn(key).namespace)),
        window,
      )
      if (timeline.intervals.every(isAbsent)) continue
      if (rows.length === first) return { rows, hasNextPage: true }
      rows.push({ cursor: toCursor(key), row: rowOf(key, timeline) })
    }
    const last = found.keys.at(-1)
    if (!found.hasMore || last === undefined) return { rows, hasNextPage: false }
    behind = last
  }
}
