import pLimit from 'p-limit'
import { RE2JS } from 're2js'
import { badUserInput } from '../../../schemas/errors.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { History } from '../history/history.ts'
import type { ObservedTime } from '../history/observed-time.ts'
import type { MomentRequest } from '../history/types.ts'
import type { EventTimes } from './event-times.ts'
import { fromCursor, orderOf, toCursor } from './lane-order.ts'
import type { LaneQueryWindow, LaneRef, LaneSummary } from './lane-query.ts'
import { laneStatusOf } from './lane-status.ts'
import type { Lane, LanePage, LanesRequest, Overview, TimesOf } from './types.ts'
import { WindowQueries } from './window-queries.ts'

const MAX_PATTERN = 200

interface Sources {
  readonly history: History
  readonly observed: ObservedTime
  readonly times: EventTimes
  readonly timesOf: TimesOf
  readonly positionOf: (moment: MomentRequest) => Promise<Position>
}

interface Candidate {
  readonly ref: LaneRef
  readonly order: string
}

const iso = (time: number): string => new Date(time).toISOString()

const checkPattern = (pattern: string | undefined): void => {
  if (pattern === undefined) return
  const fail = (message: string) => badUserInput([{ path: 'filter.name', message }])
  if (pattern.length > MAX_PATTERN) throw fail(`must have at most ${MAX_PATTERN} characters`)
  try {
    RE2JS.compile(pattern)
  } catch (error) {
    throw fail(`is not a regular expression of RE2: ${(error as Error).message}`)
  }
}

export const createLanes = ({ history, observed, times, timesOf, positionOf }: Sources): Overview['lanes'] => {
  const inTurn = pLimit(1)

  const windowOf = async ({ from, to, namespaces }: LanesRequest): Promise<LaneQueryWindow> => {
    const first = Math.max(times.span(namespaces)?.first ?? Number.POSITIVE_INFINITY, history.kept?.time ?? 0)
    const { from: begin, to: end, isOpen } = await timesOf({ from, to }, first)
    // An event at the end of a past window is not part of it.
    const last = isOpen || begin === end ? end : end - 1
    const [after, until] = [await positionOf({ time: iso(begin - 1) }), await positionOf({ time: iso(last) })]
    // Later events can have the same time.
    return { from: begin, to: end, isOpen, after, until: Math.min(until, to?.position ?? until) }
  }

  const pageOf: Overview['lanes'] = async request => {
    checkPattern(request.name)
    const behind = request.after === undefined ? undefined : fromCursor(request.after, request.orderBy)
    const to = request.to ?? (behind && { time: iso(behind.to) })
    const window = await windowOf({ ...request, to })
    const queries = new WindowQueries({ history, observed, window, inTurn })
    const candidates = await candidatesFor(queries, request)
    const found = candidates.findIndex(({ order }) => order > (behind?.order ?? ''))
    const from = found === -1 ? candidates.length : found
    const page = candidates.slice(from, from + request.first)
    const lanes = await drawnLanes(queries, page, request.resolution, window)
    const totalCount = candidates.length
    const hasNextPage = from + request.first < totalCount
    return { from: window.from, to: window.to, lanes, hasNextPage, hasPreviousPage: from > 0, totalCount }
  }

  return async (request): Promise<LanePage> => {
    const { kept } = history
    return pageOf(request).catch(error => {
      // A compaction has moved the beginning of a window that has none of its own.
      if (request.from !== undefined || history.kept === kept) throw error
      return pageOf(request)
    })
  }
}

const candidatesFor = async (queries: WindowQueries, request: LanesRequest): Promise<readonly Candidate[]> => {
  const { orderBy, statuses, notReadyInWindow } = request
  const refs = await queries.refs(request)
  const isSummarized = orderBy === 'NotReady' || statuses !== undefined || notReadyInWindow !== undefined
  const summaries = isSummarized ? await queries.summaries(refs) : undefined
  return refs
    .flatMap((ref, place): Candidate[] => {
      const summary = summaries?.[place]
      if (summary !== undefined && !matches(summary, request)) return []
      return [{ ref, order: orderOf(ref, orderBy === 'NotReady' ? summary?.notReady : undefined) }]
    })
    .sort((a, b) => (a.order < b.order ? -1 : 1))
}

const matches = ({ code, notReady }: LaneSummary, { statuses, notReadyInWindow }: LanesRequest): boolean => {
  const status = laneStatusOf(code)
  if (statuses !== undefined && (status === undefined || !statuses.includes(status))) return false
  return notReadyInWindow === undefined || notReadyInWindow === notReady > 0
}

const drawnLanes = async (
  queries: WindowQueries,
  page: readonly Candidate[],
  resolution: number,
  { to }: LaneQueryWindow,
): Promise<readonly Lane[]> => {
  const drawn = await queries.drawn(
    page.map(({ ref }) => ref),
    resolution,
  )
  return drawn.map(({ code, notReady, segments, marks }, place): Lane => {
    const { ref, order } = page[place] as Candidate
    const { kind, namespace, name } = ref
    return {
      kind,
      namespace,
      name,
      cursor: toCursor(order, to),
      status: laneStatusOf(code),
      notReady,
      segments,
      marks,
      conditions: () => queries.conditions(ref, resolution),
      port: () => queries.port(ref),
    }
  })
}
