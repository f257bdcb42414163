import { formatDuration } from '../../time/format-time.ts'
import type { Lane, Segment } from '../lane.ts'

export interface StatusSpan {
  readonly from: number
  /** Whether it began before `from`, with the lane or among the changes of the segment before. */
  readonly isEarlier: boolean
  readonly to: number
  /** Whether it lasts beyond `to`, where the lane ends or several changes share a segment. */
  readonly isLater: boolean
  readonly isLasting: boolean
}

interface Present {
  readonly now: number
  readonly last: number
}

const isMixed = (segment: Segment | undefined): boolean => (segment?.changes ?? 0) > 0

/** The first segment of a lane begins with the lane, not with its event; the last one ends with the lane. */
export const statusSpan = (
  { segments }: Pick<Lane, 'segments'>,
  segment: Segment,
  { now, last }: Present,
): StatusSpan => {
  const { from, to } = segment
  const place = segments.indexOf(segment)
  const isFinal = place === segments.length - 1
  const isLasting = isFinal && to >= last && !isMixed(segment)
  return {
    from,
    isEarlier: place === 0 || isMixed(segments[place - 1]),
    to: isLasting ? Math.max(now, from) : to,
    isLater: (isFinal && !isLasting) || isMixed(segments[place + 1]),
    isLasting,
  }
}

export const durationWords = ({ from, to, isEarlier, isLater }: StatusSpan): string =>
  `${isEarlier || isLater ? 'at least ' : ''}${formatDuration(to - from)}`
