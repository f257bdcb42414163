import { withGaps } from '../../../projections/shared/observation.ts'
import { ABSENT, ABSENT_OR_UNPROBED, type Timeline, timelineOf } from '../../../projections/timeline.ts'
import { badUserInput } from '../../../schemas/errors.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import type { ReadSide } from '../engine.ts'
import type { TimesOf, WindowRequest, WindowTimes } from '../overview/types.ts'
import type { LogReader } from '../queries/log-reader.ts'
import { fromCursor } from '../queries/pagination.ts'
import type { Moment, ResourcePageRequest } from '../queries/types.ts'
import { toQueryError } from '../read-models/errors.ts'
import type { Projector } from '../read-models/projector.ts'
import type { PastQuery } from './as-of-query.ts'
import { fromColumns, type TransitionColumns } from './condition-transitions.ts'
import type { History } from './history.ts'
import type { ObservedTime } from './observed-time.ts'
import type { AsOfView, MomentRequest, TimelineRequest } from './types.ts'

/** Errors of the other thread are reported as internal. */
const checked = (page: ResourcePageRequest): ResourcePageRequest => {
  if (page.after !== undefined) fromCursor(page.after, 'after', page.orderBy)
  if (page.before !== undefined) fromCursor(page.before, 'before', page.orderBy)
  return page
}

const asText = (time: number): string => new Date(time).toISOString()

export interface TimeWindow extends WindowTimes {
  readonly isOpen: boolean
  readonly isOver: boolean
  readonly after: Position
  readonly until: Position
}

interface Moments {
  positionOf(moment: MomentRequest): Promise<Position>
  /** At or before the position, or of the first event. */
  momentAt(position: Position): Promise<Moment>
  /** @throws HarkError BAD_USER_INPUT if the window ends before it begins */
  windowOf(window: WindowRequest, first?: number): Promise<TimeWindow>
  readonly timesOf: TimesOf
}

export const createPast = (
  log: LogReader,
  history: History,
  projector: Projector,
  observed: ObservedTime,
): Pick<ReadSide, 'past' | 'timeline'> & Moments => {
  const positionOf = async (moment: MomentRequest): Promise<Position> => {
    const { head } = projector
    if (moment.position !== undefined) return Math.min(moment.position, head.position)
    const time = Date.parse(moment.time)
    return time >= Date.parse(head.time) ? head.position : ((await history.positionAt(time)) ?? BEGINNING)
  }

  const recordedAt = async (position: Position): Promise<number> => {
    const { head } = projector
    if (position >= head.position) return Date.parse(head.time)
    const time = await log.timeAt(position)
    if (time !== undefined) return time
    const first = await log.firstAfter(BEGINNING)
    if (first !== undefined) return Date.parse(first.time)
    return Date.parse(head.time)
  }

  const timeOf = async (moment: MomentRequest): Promise<number> => {
    if (moment.time !== undefined) return Date.parse(moment.time)
    try {
      return await recordedAt(moment.position)
    } catch (error) {
      throw toQueryError(error)
    }
  }

  const momentAt = async (position: Position) => ({ position, time: asText(await timeOf({ position })) })

  const past = async (moment: MomentRequest): Promise<AsOfView> => {
    const position = await positionOf(moment)
    const unobserved =
      moment.time === undefined ? await observed.after(moment.position) : observed.at(Date.parse(moment.time))
    const queryThen = <Answer>(query: PastQuery) => history.query<Answer>(position, query, unobserved)
    return {
      position,
      resource: (kind, namespace, name) => queryThen({ of: 'resource', kind, namespace, name }),
      resources: (kind, filter, page) => queryThen({ of: 'resources', kind, filter, page: checked(page) }),
      sites: () => queryThen({ of: 'sites' }),
      routerConfig: async namespace => ({
        namespace,
        position,
        entities: await history.query(position, { of: 'entities', namespace }),
      }),
    }
  }

  const timesOf = async ({ from, to, known = 0 }: WindowRequest, first = Number.POSITIVE_INFINITY) => {
    const now = Math.max(observed.present(), known)
    const end = to === undefined ? now : Math.min(now, await timeOf(to))
    const begin = from === undefined ? Math.min(first, end) : await timeOf(from)
    if (begin > end) {
      throw badUserInput([
        { path: 'to', message: `must not be before from: ${asText(end)} is before ${asText(begin)}` },
      ])
    }
    return { from: begin, to: end, isOpen: end === now, isOver: observed.isOver }
  }

  const windowOf: Moments['windowOf'] = async (window, first) => {
    const times = await timesOf(window, first)
    const [after, until] = [
      await positionOf({ time: asText(times.from) }),
      await positionOf({ time: asText(times.to) }),
    ]
    return { ...times, after, until }
  }

  const timeline = async ({ kind, namespace, name, type, from, to, since }: TimelineRequest): Promise<Timeline> => {
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

  return { past, timeline, positionOf, momentAt, windowOf, timesOf }
}
