/** Statuses of lanes; undefined where the resource did not exist. */
export type LaneStatus = 'Ready' | 'Pending' | 'Error' | 'Unknown' | 'NotObserved'

/** In the order of lanes. */
export const LANE_KINDS = ['Listener', 'Connector', 'MultiKeyListener', 'Router'] as const
export type LaneKind = (typeof LANE_KINDS)[number]

export interface Segment {
  readonly from: number
  readonly to: number
  readonly status: LaneStatus | undefined
  readonly changes: number
  /** Position of the event with which the status began; undefined if no event did. */
  readonly position: number | undefined
  readonly message: string | undefined
}

export interface Mark {
  readonly time: number
  readonly count: number
  readonly position: number
  readonly type: string
}

export interface ConditionLane {
  readonly type: string
  readonly segments: readonly Segment[]
}

export interface Lane {
  readonly key: string
  readonly kind: LaneKind
  readonly namespace: string
  readonly name: string
  readonly status: LaneStatus | undefined
  readonly notReadyMs: number
  readonly port: number | undefined
  readonly segments: readonly Segment[]
  readonly marks: readonly Mark[]
  readonly conditions: readonly ConditionLane[]
}

export interface LaneNode {
  readonly kind: LaneKind
  readonly namespace: string
  readonly name: string
  readonly status: LaneStatus | null
  readonly notReadySeconds: number
  readonly port?: number | null
  readonly columns: unknown
  readonly conditions?: readonly { readonly type: string; readonly columns: unknown }[]
}

interface SegmentColumns {
  readonly from: readonly number[]
  readonly status: string
  readonly changes: readonly number[]
  readonly position: readonly number[]
  readonly message: readonly number[]
  readonly messages: readonly string[]
}

interface MarkColumns {
  readonly time: readonly number[]
  readonly count: readonly number[]
  readonly position: readonly number[]
  readonly type: readonly number[]
  readonly types: readonly string[]
}

interface Columns {
  readonly segments: SegmentColumns
  readonly marks: MarkColumns
}

const STATUSES: Readonly<Record<string, LaneStatus>> = {
  R: 'Ready',
  P: 'Pending',
  E: 'Error',
  U: 'Unknown',
  N: 'NotObserved',
}

const POSITION_DIGITS = 16

export const positionText = (position: number): string => String(position).padStart(POSITION_DIGITS, '0')

const segmentsOf = (columns: SegmentColumns, from: number, to: number): readonly Segment[] =>
  columns.from.map((offset, index) => {
    const next = columns.from[index + 1]
    const position = columns.position[index] ?? 0
    return {
      from: from + offset,
      to: next === undefined ? to : from + next,
      status: STATUSES[columns.status[index] ?? '-'],
      changes: columns.changes[index] ?? 0,
      position: position === 0 ? undefined : position,
      message: columns.messages[columns.message[index] ?? -1],
    }
  })

const marksOf = ({ time, count, position, type, types }: MarkColumns, from: number): readonly Mark[] =>
  time.map((offset, index) => ({
    time: from + offset,
    count: count[index] ?? 1,
    position: position[index] ?? 0,
    type: types[type[index] ?? -1] ?? '',
  }))

const conditionsOf = ({ conditions = [] }: LaneNode, from: number, to: number): readonly ConditionLane[] =>
  conditions
    .map(({ type, columns }) => ({ type, segments: segmentsOf(columns as SegmentColumns, from, to) }))
    .filter(({ segments }) => segments.some(({ status }) => status !== undefined))

export const keyOf = ({ kind, namespace, name }: Pick<LaneNode, 'kind' | 'namespace' | 'name'>): string =>
  `${kind}/${namespace}/${name}`

/** Times of columns are offsets from the beginning of the window. */
export const laneOf = (node: LaneNode, from: number, to: number): Lane => {
  const columns = node.columns as Columns
  return {
    key: keyOf(node),
    kind: node.kind,
    namespace: node.namespace,
    name: node.name,
    status: node.status ?? undefined,
    notReadyMs: node.notReadySeconds * 1000,
    port: node.port ?? undefined,
    segments: segmentsOf(columns.segments, from, to),
    marks: marksOf(columns.marks, from),
    conditions: conditionsOf(node, from, to),
  }
}

export const segmentAt = (segments: readonly Segment[], time: number): Segment | undefined => {
  let low = 0
  let high = segments.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const segment = segments[middle] as Segment
    if (time < segment.from) high = middle - 1
    else if (time >= segment.to) low = middle + 1
    else return segment
  }
  // The last segment includes its end.
  const last = segments.at(-1)
  return last !== undefined && time === last.to ? last : undefined
}

/** @param distance in milliseconds */
export const markNear = (marks: readonly Mark[], time: number, distance: number): Mark | undefined => {
  const near = marks.filter(mark => Math.abs(mark.time - time) <= distance)
  return near.reduce<Mark | undefined>(
    (best, mark) => (best === undefined || Math.abs(mark.time - time) < Math.abs(best.time - time) ? mark : best),
    undefined,
  )
}
