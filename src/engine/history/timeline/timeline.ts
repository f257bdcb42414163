import { withGaps } from '../../../../projections/shared/observation.ts'
import { ABSENT, ABSENT_OR_UNPROBED, timelineOf } from '../../../../projections/timeline.ts'
import type { ReadSide } from '../../engine.ts'
import type { History } from '../history.ts'
import type { Moments } from '../moments.ts'
import type { ObservedTime } from '../observed-time.ts'
import { fromColumns, type TransitionColumns } from './condition-transitions.ts'

export const createTimeline =
  (history: History, observed: ObservedTime, { positionOf, windowOf }: Moments): ReadSide['timeline'] =>
  async ({ kind, namespace, name, type, from, to, since }) => {
    const first = since === undefined ? undefined : Math.max(Date.parse(since), history.kept?.time ?? 0)
    const window = await windowOf({ from, to }, first)
    const query = { of: 'transitions', kind, namespace, name, type, after: window.after } as const
    const until = to?.position === undefined ? window.until : await positionOf(to)
    const transitions = fromColumns(await history.query<TransitionColumns>(until, query))
    const absent = type === 'Reachable' ? ABSENT_OR_UNPROBED : ABSENT
    const includesEnd = window.isOpen || to?.position !== undefined
    const observedTransitions = withGaps(transitions, observed.gapsBefore(namespace, window.to))
    return timelineOf(observedTransitions, { ...window, includesEnd }, absent)
  }
