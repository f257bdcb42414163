import type { Lane, Segment } from '../lane.ts'
import type { RowRange } from '../row-layout.ts'

interface LaneSpan {
  readonly lane: Lane
  readonly place: number
  readonly segment: Segment
}

interface LaneSpans {
  readonly spans: readonly LaneSpan[]
  /** Loaded without a gap from the first one on. */
  readonly lanes: number
}

/** Up to the first lane that is not loaded. */
export const spansOf = (rows: readonly ({ readonly lane: Lane } | undefined)[]): LaneSpans => {
  const spans: LaneSpan[] = []
  let lanes = 0
  for (let row = rows[0]; row !== undefined; row = rows[lanes]) {
    const { lane } = row
    for (const segment of lane.segments) if (segment.status !== undefined) spans.push({ lane, place: lanes, segment })
    lanes += 1
  }
  return { spans, lanes }
}

const MORE_LANES = 20

/** The lanes behind the spans in view; when the last loaded ones are among them, the next lanes too. */
export const lanesBehind = ({ spans, lanes }: LaneSpans, { first, end }: RowRange): RowRange => {
  const isLast = end >= spans.length
  return { first: spans[first]?.place ?? 0, end: isLast ? lanes + MORE_LANES : (spans[end - 1]?.place ?? 0) + 1 }
}
