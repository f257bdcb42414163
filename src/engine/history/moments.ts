import { badUserInput } from '../../../schemas/errors.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import type { TimesOf, WindowRequest, WindowTimes } from '../overview/types.ts'
import type { LogReader } from '../queries/log-reader.ts'
import type { Moment } from '../queries/types.ts'
import { toQueryError } from '../read-models/errors.ts'
import type { Projector } from '../read-models/projector.ts'
import type { History } from './history.ts'
import type { ObservedTime } from './observed-time.ts'
import type { MomentRequest } from './types.ts'

export interface TimeWindow extends WindowTimes {
  readonly isOpen: boolean
  readonly isOver: boolean
  readonly after: Position
  readonly until: Position
}

/** Resolves moments and windows to positions and times. */
export interface Moments {
  positionOf(moment: MomentRequest): Promise<Position>
  /** At or before the position, or of the first event. */
  momentAt(position: Position): Promise<Moment>
  /** @throws HarkError BAD_USER_INPUT if the window ends before it begins */
  windowOf(window: WindowRequest, first?: number): Promise<TimeWindow>
  readonly timesOf: TimesOf
}

const asText = (time: number): string => new Date(time).toISOString()

const recordedAt = async (position: Position, log: LogReader, projector: Projector): Promise<number> => {
  const { head } = projector
  if (position >= head.position) return Date.parse(head.time)
  const time = await log.timeAt(position)
  if (time !== undefined) return time
  const first = await log.firstAfter(BEGINNING)
  return Date.parse(first?.time ?? head.time)
}

export const createMoments = (
  log: LogReader,
  history: History,
  projector: Projector,
  observed: ObservedTime,
): Moments => {
  const positionOf = async (moment: MomentRequest): Promise<Position> => {
    const { head } = projector
    if (moment.position !== undefined) return Math.min(moment.position, head.position)
    const time = Date.parse(moment.time)
    return time >= Date.parse(head.time) ? head.position : ((await history.positionAt(time)) ?? BEGINNING)
  }

  const timeOf = async (moment: MomentRequest): Promise<number> => {
    if (moment.time !== undefined) return Date.parse(moment.time)
    try {
      return await recordedAt(moment.position, log, projector)
    } catch (error) {
      throw toQueryError(error)
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

  return {
    positionOf,
    momentAt: async position => ({ position, time: asText(await timeOf({ position })) }),
    timesOf,
    windowOf: async (window, first) => {
      const times = await timesOf(window, first)
      const after = await positionOf({ time: asText(times.from) })
      return { ...times, after, until: await positionOf({ time: asText(times.to) }) }
    },
  }
}
