import pLimit from 'p-limit'
import { badUserInput } from '../../../schemas/errors.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { History } from '../history/history.ts'
import type { ObservedTime } from '../history/observed-time.ts'
import type { MomentRequest } from '../history/types.ts'
import type { EventTimes } from './event-times.ts'
import { fromCursor, orderOf, pageBehind, toCursor } from './lane-order.ts'
import type { LaneQueryWindow, LaneRef, LaneRefPage, LaneSummary } from './lane-query.ts'
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

const iso = (time: number): string => new Date(time).toISOString()

const checkPattern = async (pattern: string | undefined): Promise<void> => {
  if (pattern === undefined) return
  const fail = (message: string) => badUserInput([{ path: 'filter.name', message }])
  if (pattern.length > MAX_PATTERN) throw fail(`must have at most ${MAX_PATTERN} characters`)
  const { RE2JS } = await import('re2js')
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
    const [after, until] = await Promise.all([positionOf({ time: iso(begin - 1) }), positionOf({ time: iso(last) })])
    // Later events can have the same time.
    return { from: begin, to: end, isOpen, after, until: Math.min(until, to?.position ?? until) }
  }

  const pageOf: Overview['lanes'] = async request => {
    await checkPattern(request.name)
    const behind = request.after === undefined ? undefined : fromCursor(request.after, request.orderBy)
    const to = request.to ?? (behind && { time: iso(behind.to) })
    const window = await windowOf({ ...request, to })
    const queries = new WindowQueries({ history, observed, window, inTurn })
    const { items, before, total } = await refsFor(queries, request, behind?.order ?? '')
    const lanes = await drawnLanes(queries, items, request.resolution, window)
    const hasNextPage = before + items.length < total
    return { from: window.from, to: window.to, lanes, hasNextPage, hasPreviousPage: before > 0, totalCount: total }
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

const refsFor = async (queries: WindowQueries, request: LanesRequest, after: string): Promise<LaneRefPage> => {
  const { orderBy, statuses, notReadyInWindow, first } = request
  const isSummarized = orderBy === 'NotReady' || statuses !== undefined || notReadyInWindow !== undefined
  if (!isSummarized) return queries.refs(request, after, first)
  const { items } = await queries.refs(request, '', Number.POSITIVE_INFINITY)
  const summaries = await queries.summaries(items)
  const found = items.flatMap((ref, place): LaneRef[] => {
    const summary = summaries[place] as LaneSummary
    if (!matches(summary, request)) return []
    return [orderBy === 'NotReady' ? { ...ref, order: orderOf(ref, summary.notReady) } : ref]
  })
  return pageBehind(found, after, first)
}

const matches = ({ code, notReady }: LaneSummary, { statuses, notReadyInWindow }: LanesRequest): boolean => {
  const status = laneStatusOf(code)
  if (statuses !== undefined && (status === undefined || !statuses.includes(status))) return false
  return notReadyInWindow === undefined || notReadyInWindow === notReady > 0
}

const drawnLanes = async (
  queries: WindowQueries,
  refs: readonly LaneRef[],
  resolution: number,
  { to }: LaneQueryWindow,
): Promise<readonly Lane[]> => {
  const drawn = await queries.drawn(refs, resolution)
  let loading: ReturnType<WindowQueries['ports']> | undefined
  const ports = () => {
    loading ??= queries.ports(refs)
    return loading
  }
  return drawn.map(({ code, notReady, segments, marks }, place): Lane => {
    const ref = refs[place] as LaneRef
    const { kind, namespace, name, order } = ref
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
      port: async () => (await ports())[place],
    }
  })
}
