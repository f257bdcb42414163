import { type Lane, type LaneKind, type LaneStatus, segmentAt } from '../lane.ts'

export interface StatusChange {
  readonly kind: LaneKind
  readonly status: LaneStatus
  /** Whether it is Ready, and the lane shows an earlier time at which it was. */
  readonly isReadyAgain: boolean
}

interface EventLike {
  readonly position: string
  /** Milliseconds since 1970. */
  readonly time: number
}

type Segments = Pick<Lane, 'segments'>

/** @returns null if none did, and undefined if the lane is too coarse for it or does not reach as far */
export const statusBegunAt = ({ segments }: Segments, { position, time }: EventLike): LaneStatus | null | undefined => {
  const segment = segmentAt(segments, time)
  // What happens at the end of a lane may be missing.
  if (segment === undefined || segment.changes > 0 || time === segments.at(-1)?.to) return undefined
  if (segment.from < time) return null
  if (segment === segments[0]) return undefined
  return segment.position === position ? (segment.status ?? null) : null
}

export const wasReadyBefore = ({ segments }: Segments, time: number): boolean =>
  segments.some(({ status, changes, to }) => status === 'Ready' && changes === 0 && to <= time)
