import { LANE_LETTERS, laneStatusOf } from '../../../engine/overview/lane-status.ts'
import type {
  ColumnText,
  ConditionLane,
  Lane,
  LanePage,
  MarkColumns,
  SegmentColumns,
  WindowTimes,
} from '../../../engine/overview/types.ts'
import type { OperationContext } from '../context.ts'
import type { QueryStatusLanesArgs } from '../generated.ts'
import { assertWithin, omitNulls, readMoment, toTime } from '../inputs.ts'
import { JsonText } from '../json-text.ts'
import { cursorPageInfo, type ResolverServices, readableNamespaces } from './shared.ts'

const MAX_CELLS = 2000
const MAX_LANES = 200
const SECOND_MS = 1000

type Windowed<Of> = Of & { readonly window: WindowTimes }

const segmentsOf = ({ segments, window }: Windowed<{ readonly segments: ColumnText }>) => {
  const { from, status, changes, position, message, messages }: SegmentColumns = JSON.parse(segments.text)
  return from.map((start, place) => ({
    status: laneStatusOf(LANE_LETTERS.indexOf(status[place] as string)),
    from: toTime(window.from + start),
    to: toTime(place + 1 < from.length ? window.from + (from[place + 1] as number) : window.to),
    changes: changes[place],
    message: messages[message[place] as number],
    position: position[place],
  }))
}

const marksOf = ({ marks, window }: Windowed<{ readonly marks: ColumnText }>) => {
  const { time, count, position, type, types }: MarkColumns = JSON.parse(marks.text)
  return time.map((offset, place) => ({
    time: toTime(window.from + offset),
    count: count[place],
    position: position[place],
    type: types[type[place] as number],
  }))
}

/** How many numbers of columns count as a row. */
const NUMBERS_PER_ROW = 100

const counted = <Of, Item>(list: (of: Of) => readonly Item[]) => {
  return (of: Of, _: unknown, context: OperationContext): readonly Item[] => {
    const items = list(of)
    context.countRows(items.length)
    return items
  }
}

export const laneResolvers = ({ engine }: ResolverServices) => ({
  Query: {
    statusLanes: async (_: unknown, args: QueryStatusLanesArgs, context: OperationContext) => {
      const { from, to, resolution = 1000, filter, orderBy = 'Name', first = 100, after } = omitNulls(args)
      assertWithin('resolution', resolution, MAX_CELLS)
      assertWithin('first', first, MAX_LANES)
      const { namespace, ...others } = omitNulls(filter ?? {})
      const namespaces = readableNamespaces(context.principal, namespace)
      const window = { from: from && readMoment(from, 'from'), to: to && readMoment(to, 'to') }
      const request = { ...others, ...window, namespaces, orderBy, resolution, first, after }
      const page = await context.read(() => {
        // Reads that waited for others are not begun if those reached the limit.
        context.countRows(0)
        return engine.read.lanes(request)
      })
      const numbers = page.lanes.reduce((sum, { segments, marks }) => sum + segments.size + marks.size, 0)
      context.countRows(page.lanes.length + Math.ceil(numbers / NUMBERS_PER_ROW))
      return page
    },
  },
  StatusLaneConnection: {
    from: ({ from }: LanePage) => toTime(from),
    to: ({ to }: LanePage) => toTime(to),
    edges: ({ lanes, from, to }: LanePage) => lanes.map(lane => ({ ...lane, window: { from, to } })),
    pageInfo: ({ lanes, hasNextPage, hasPreviousPage }: LanePage) =>
      cursorPageInfo(lanes, hasNextPage, hasPreviousPage),
  },
  StatusLaneEdge: { node: (lane: Lane) => lane },
  StatusLane: {
    notReadySeconds: ({ notReady }: Lane) => notReady / SECOND_MS,
    port: ({ port }: Lane, _: unknown, context: OperationContext) => context.read(port),
    segments: counted(segmentsOf),
    marks: counted(marksOf),
    columns: ({ segments, marks }: Lane, _: unknown, context: OperationContext) => {
      context.countItems(segments.size + marks.size)
      return new JsonText(`{"segments":${segments.text},"marks":${marks.text}}`)
    },
    conditions: async ({ conditions, window }: Windowed<Lane>, _: unknown, context: OperationContext) => {
      const lanes = await context.read(conditions)
      const numbers = lanes.reduce((sum, { segments }) => sum + segments.size, 0)
      context.countRows(lanes.length + Math.ceil(numbers / NUMBERS_PER_ROW))
      return lanes.map(lane => ({ ...lane, window }))
    },
  },
  ConditionLane: {
    segments: counted(segmentsOf),
    columns: ({ segments }: ConditionLane, _: unknown, context: OperationContext) => {
      context.countItems(segments.size)
      return new JsonText(segments.text)
    },
  },
})
