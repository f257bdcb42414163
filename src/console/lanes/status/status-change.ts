import type { Lane, LaneStatus } from '../lane.ts'

export interface StatusChange {
  readonly status: LaneStatus
  /** Whether it is Ready, and the lane shows an earlier time at which it was. */
  readonly isReadyAgain: boolean
}

/** The status that began at an event; undefined if none did, or if the window is too coarse for it. */
export const statusChangeAt = ({ segments }: Pick<Lane, 'segments'>, position: string): StatusChange | undefined => {
  const index = segments.findIndex(segment => segment.position === position)
  const segment = segments[index]
  if (segment?.status === undefined || segment.changes > 0) return undefined
  const { status } = segment
  const wasReady = segments.slice(0, index).some(earlier => earlier.status === 'Ready')
  return { status, isReadyAgain: status === 'Ready' && wasReady }
}
