import type { TimeWindow } from '../../time/time-window.ts'
import type { Lane, Segment } from '../lane.ts'

interface OutageInWindow {
  /** Milliseconds in the window during which the resource existed without being Ready. */
  readonly ms: number
  /** Whether it may be longer: the lane does not state how several changes divide a segment. */
  readonly isAtLeast: boolean
}

const isOutage = ({ status, changes }: Segment): boolean => changes === 0 && status !== undefined && status !== 'Ready'

/** Without what the lane has beyond the window. */
export const outageInWindow = (
  { notReadyMs, segments }: Pick<Lane, 'notReadyMs' | 'segments'>,
  window: TimeWindow,
): OutageInWindow => {
  const outside = ({ from, to }: Segment): number =>
    Math.max(Math.min(to, window.from) - from, 0) + Math.max(to - Math.max(from, window.to), 0)
  const sum = (among: readonly Segment[]): number => among.reduce((total, segment) => total + outside(segment), 0)
  const beyond = sum(segments.filter(isOutage))
  const unclear = sum(segments.filter(({ changes }) => changes > 0))
  const most = notReadyMs - beyond
  return { ms: Math.max(most - unclear, 0), isAtLeast: most > 0 && unclear > 0 }
}
