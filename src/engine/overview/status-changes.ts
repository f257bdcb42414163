import { disjoint } from '../../../projections/shared/observation.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { History } from '../history/history.ts'
import type { ObservedTime } from '../history/observed-time.ts'
import type { MomentRequest } from '../history/types.ts'
import type { LogReader } from '../queries/log-reader.ts'
import { laneOfEvent } from './event-lane.ts'
import type { GapsByNamespace, SentChange } from './lane-query.ts'
import { LANE_CODE, laneStatusOf } from './lane-status.ts'
import type { Overview, TimesOf } from './types.ts'

interface Sources {
  readonly history: History
  readonly observed: ObservedTime
  readonly log: LogReader
  readonly timesOf: TimesOf
  readonly positionOf: (moment: MomentRequest) => Promise<Position>
  readonly reached: (position: Position) => Promise<void>
}

export const createStatusChanges = ({
  history,
  observed,
  log,
  timesOf,
  positionOf,
  reached,
}: Sources): Pick<Overview, 'statusChanges' | 'statusesBegun'> => {
  /** A gap that lasts is reported by no event yet. */
  const gapsOf = (namespace: string, to: number) =>
    disjoint(observed.gapsBefore(namespace, to)).map(gap => (gap.to === Infinity ? { ...gap, position: 0 } : gap))

  const statusChanges: Overview['statusChanges'] = async ({ from, to, first, last, ...lane }) => {
    const window = await timesOf({ from, to }, 0)
    const head = await positionOf({ time: new Date(window.to).toISOString() })
    const until = Math.min(head, to?.position ?? head)
    const { kept } = history
    const wanted = {
      // What the first entries of a compacted history began is not known.
      from: Math.max(window.from, kept?.time ?? 0),
      since: from?.position === undefined ? undefined : Math.max(from.position, kept?.position ?? 0),
      to: window.to,
      first,
      last,
    }
    const gaps = gapsOf(lane.namespace, window.to)
    const query = { of: 'laneChanges', lane, until, wanted, gaps } as const
    const changes = await history.query<readonly SentChange[]>(until, query)
    return changes.map(({ time, code, position, message }) => ({
      status: laneStatusOf(code),
      time,
      message,
      position: position === 0 ? undefined : position,
      event: async () => (position === 0 ? undefined : log.eventAt(position)),
    }))
  }

  const statusesBegun: Overview['statusesBegun'] = async events => {
    const begin = history.kept?.position ?? 0
    const known = events.flatMap((event, place) => {
      const lane = event.position < begin ? undefined : laneOfEvent(event)
      return lane === undefined ? [] : [{ lane, event, place }]
    })
    if (known.length === 0) return events.map(() => undefined)
    const until = Math.max(...known.map(({ event }) => event.position))
    // The log may be ahead of the read models; the query fails if it stays so.
    await reached(until).catch(() => undefined)
    const gaps: GapsByNamespace = new Map(
      [...Map.groupBy(known, ({ lane }) => lane.namespace)].map(([namespace, own]) => {
        const latest = Math.max(...own.map(({ event }) => Date.parse(event.time)))
        return [namespace, gapsOf(namespace, latest + 1)]
      }),
    )
    const queried = known.map(({ lane, event: { position } }) => ({ lane, position }))
    const codes = await history.query<readonly (number | undefined)[]>(until, {
      of: 'codesBegun',
      events: queried,
      gaps,
    })
    const found = new Map(known.map(({ place }, index) => [place, codes[index]]))
    return events.map((_, place) => laneStatusOf(found.get(place) ?? LANE_CODE.absent))
  }

  return { statusChanges, statusesBegun }
}
