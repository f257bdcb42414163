import { type Lane, type Segment, segmentAt } from '../lane.ts'
import { statusSpan } from './status-span.ts'
import type { StatusStart } from './status-start.ts'

export interface CurrentStatus extends StatusStart {
  /** Its end, if it ended and that is known; in milliseconds since 1970. */
  readonly to?: number
}

/** Undefined without its exact beginning. */
export const currentStatus = (
  lane: Pick<Lane, 'segments'>,
  time: number,
  isPast: boolean,
  last: number,
): CurrentStatus | undefined => {
  const final: Segment | undefined = lane.segments.at(-1)
  const isPresent = !isPast && final !== undefined && final.to >= last
  const segment = isPresent ? final : segmentAt(lane.segments, time)
  if (segment === undefined || segment.changes > 0) return undefined
  const { from, to, isEarlier, isLater, isLasting } = statusSpan(lane, segment, { now: time, last })
  if (isEarlier) return undefined
  return { status: segment.status, from, ...(!isLater && !isLasting && { to }) }
}
