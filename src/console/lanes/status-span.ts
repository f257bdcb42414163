import { formatDuration } from '../time/format-time.ts'
import type { Lane, Segment } from './lane.ts'

/** From when until when a status lasts, as far as a window shows it, in milliseconds since 1970. */
export interface StatusSpan {
  readonly from: number
  /** Whether it began before `from`, with the window. */
  readonly isEarlier: boolean
  readonly to: number
  /** Whether it lasts beyond `to`, where the window ends. */
  readonly isLater: boolean
  /** Whether it lasts now, which is `to`. */
  readonly isLasting: boolean
}

interface Present {
  readonly now: number
  readonly last: number
}

/** The first segment of a lane begins with the window, not with its event; the last one ends with the window. */
export const statusSpan = (
  { segments }: Pick<Lane, 'segments'>,
  segment: Segment,
  { now, last }: Present,
): StatusSpan => {
  const { from, to } = segment
  const isFinal = segment === segments.at(-1)
  const isLasting = isFinal && to >= last
  return {
    from,
    isEarlier: segment === segments[0],
    to: isLasting ? Math.max(now, from) : to,
    isLater: isFinal && !isLasting,
    isLasting,
  }
}

export const durationWords = ({ from, to, isEarlier, isLater }: StatusSpan): string =>
  `${isEarlier || isLater ? 'at least ' : ''}${formatDuration(to - from)}`
