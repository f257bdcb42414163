import pLimit from 'p-limit'
import { RE2JS } from 're2js'
import { disjoint } from '../../../projections/shared/observation.ts'
import { badUserInput } from '../../../schemas/errors.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { CONDITIONS } from '../../../schemas/resources/conditions.ts'
import type { ConditionedKind } from '../../../schemas/resources/kinds.ts'
import type { History } from '../history/history.ts'
import type { ObservedTime } from '../history/observed-time.ts'
import type { MomentRequest } from '../history/types.ts'
import type { RowOf } from '../resources/registry.ts'
import type { EventTimes } from './event-times.ts'
import type { DrawnLane, GapsByNamespace, LaneQuery, LaneQueryWindow, LaneRef, LaneSummary } from './lane-query.ts'
import { laneStatusOf } from './lane-status.ts'
import {
  type ColumnText,
  type ConditionLane,
  LANE_KINDS,
  type Lane,
  type LanesRequest,
  type Overview,
  type TimesOf,
} from './types.ts'

/** Lanes per call to the thread; other calls run in between. */
const AT_ONCE = 50
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
  readonly summary?: LaneSummary
}

const iso = (time: number): string => new Date(time).toISOString()

const slices = <T>(items: readonly T[]): (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, slice) =>
    items.slice(slice * AT_ONCE, (slice + 1) * AT_ONCE),
  )

/** @throws HarkError BAD_USER_INPUT */
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

/** Sorts a longer time not Ready first. */
const WIDTH = 16
const orderOf = ({ kind, namespace, name }: LaneRef, notReady: number | undefined): string => {
  const rank = notReady === undefined ? '' : String(Number.MAX_SAFE_INTEGER - Math.round(notReady)).padStart(WIDTH, '0')
  return `${rank} ${LANE_KINDS.indexOf(kind)} ${namespace} ${name}`
}

/** Following pages keep the end of the window. */
const toCursor = (order: string, to: number): string => Buffer.from(`${to} ${order}`).toString('base64url')

const CURSORS = { Name: /^(\d+) ( \d \S+ \S+)$/, NotReady: /^(\d+) (\d{16} \d \S+ \S+)$/ } as const

const fromCursor = (
  cursor: string,
  orderBy: LanesRequest['orderBy'],
): { readonly order: string; readonly to: number } => {
  const [, to, order] = CURSORS[orderBy].exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (order !== undefined && toCursor(order, Number(to)) === cursor) return { order, to: Number(to) }
  const message = `${JSON.stringify(cursor)} is not a cursor of an earlier page with the same order`
  throw badUserInput([{ path: 'after', message }])
}

export const createLanes = ({ history, observed, times, timesOf, positionOf }: Sources): Overview['lanes'] => {
  const windowOf = async ({ from, to, namespaces }: LanesRequest): Promise<LaneQueryWindow> => {
    const first = Math.max(times.span(namespaces)?.first ?? Number.POSITIVE_INFINITY, history.kept?.time ?? 0)
    const window = await timesOf({ from, to }, first)
    const { from: begin, to: end, isOpen } = window
    // An event at the end of a past window is not part of it.
    const last = isOpen || begin === end ? end : end - 1
    const [after, until] = [await positionOf({ time: iso(begin - 1) }), await positionOf({ time: iso(last) })]
    // Later events can have the same time.
    return { from: begin, to: end, isOpen, after, until: Math.min(until, to?.position ?? until) }
  }

  // Other queries wait for one of them at most.
  const inTurn = pLimit(1)

  const pageOf: Overview['lanes'] = async request => {
    const { namespaces, kinds = LANE_KINDS, name, statuses, notReadyInWindow, orderBy, resolution, first } = request
    checkPattern(name)
    const behind = request.after === undefined ? undefined : fromCursor(request.after, orderBy)
    const window = await windowOf(
      behind === undefined ? request : { ...request, to: request.to ?? { time: iso(behind.to) } },
    )
    const run = <Answer>(query: LaneQuery): Promise<Answer> => inTurn(() => history.query<Answer>(window.until, query))
    const inOrder = LANE_KINDS.filter(kind => kinds.includes(kind))
    const refs = await run<LaneRef[]>({ of: 'laneRefs', kinds: inOrder, namespaces, name, window })
    const gapsFor = (lanes: readonly LaneRef[]): GapsByNamespace =>
      new Map(
        [...new Set(lanes.map(({ namespace }) => namespace))].map(namespace => [
          namespace,
          disjoint(observed.gapsBefore(namespace, window.to)),
        ]),
      )
    const inSlices = async <Answer>(lanes: readonly LaneRef[], query: (slice: readonly LaneRef[]) => LaneQuery) => {
      const answers: Answer[] = []
      for (const slice of slices(lanes)) answers.push(...(await run<Answer[]>(query(slice))))
      return answers
    }
    const summariesOf = (lanes: readonly LaneRef[]) =>
      inSlices<LaneSummary>(lanes, slice => ({ of: 'laneSummaries', lanes: slice, window, gaps: gapsFor(slice) }))

    const isSummarized = orderBy === 'NotReady' || statuses !== undefined || notReadyInWindow !== undefined
    const summaries = isSummarized ? await summariesOf(refs) : []
    const candidates = refs
      .map((ref, place): Candidate => {
        const summary = summaries[place]
        return {
          ref,
          order: orderOf(ref, orderBy === 'NotReady' ? summary?.notReady : undefined),
          ...(summary && { summary }),
        }
      })
      .filter(({ summary }) => summary === undefined || matches(summary, request))
      .sort((a, b) => (a.order < b.order ? -1 : 1))
    const from = candidates.findIndex(({ order }) => order > (behind?.order ?? ''))
    const page = from === -1 ? [] : candidates.slice(from, from + first)
    const chosen = page.map(({ ref }) => ref)
    const drawn = await inSlices<DrawnLane>(chosen, slice => ({
      of: 'drawnLanes',
      lanes: slice,
      window,
      gaps: gapsFor(slice),
      resolution,
    }))

    const conditionsOf = async (ref: LaneRef): Promise<readonly ConditionLane[]> => {
      if (ref.kind === 'Router') return []
      const types = CONDITIONS[ref.kind]
      const query = { of: 'conditionLanes', lanes: [ref], window, gaps: gapsFor([ref]), resolution, types } as const
      const [segments = []] = await run<ColumnText[][]>(query)
      return types.map((type, place) => ({ type, segments: segments[place] as ColumnText }))
    }
    const portOf = async ({ kind, namespace, name: named }: LaneRef): Promise<number | undefined> => {
      if (kind === 'Router') return undefined
      const query = { of: 'resource', kind, namespace, name: named } as const
      return (await history.query<RowOf<ConditionedKind> | undefined>(window.until, query))?.spec.port
    }
    const lanes = page.map(({ ref, order }, place): Lane => {
      const { code, notReady, segments, marks } = drawn[place] as DrawnLane
      const { kind, namespace, name: named } = ref
      return {
        kind,
        namespace,
        name: named,
        cursor: toCursor(order, window.to),
        status: laneStatusOf(code),
        notReady,
        segments,
        marks,
        conditions: () => conditionsOf(ref),
        port: () => portOf(ref),
      }
    })
    const totalCount = candidates.length
    const hasNextPage = from !== -1 && from + first < totalCount
    const hasPreviousPage = from === -1 ? totalCount > 0 : from > 0
    return { from: window.from, to: window.to, lanes, hasNextPage, hasPreviousPage, totalCount }
  }

  return async request => {
    const { kept } = history
    return pageOf(request).catch(error => {
      // A compaction has moved the beginning of a window that has none of its own.
      if (request.from !== undefined || history.kept === kept) throw error
      return pageOf(request)
    })
  }
}

const matches = ({ code, notReady }: LaneSummary, { statuses, notReadyInWindow }: LanesRequest): boolean => {
  const status = laneStatusOf(code)
  if (statuses !== undefined && (status === undefined || !statuses.includes(status))) return false
  return notReadyInWindow === undefined || notReadyInWindow === notReady > 0
}
