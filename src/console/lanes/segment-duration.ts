import { formatDuration } from '../time/format-time.ts'
import type { Lane, Segment } from './lane.ts'

type Segments = Pick<Lane, 'segments'>

/** The first segment of a lane begins with the window, not with its event. */
export const beginsEarlier = ({ segments }: Segments, segment: Segment): boolean => segment === segments[0]

/** The first and the last segment are cut off by the window: their status lasts longer than it shows. */
export const durationWords = (lane: Segments, segment: Segment): string => {
  const isCut = beginsEarlier(lane, segment) || segment === lane.segments.at(-1)
  return `${isCut ? 'at least ' : ''}${formatDuration(segment.to - segment.from)}`
}
