import type { LaneStatus } from '../lanes/lane.ts'

interface RouterLike {
  readonly connection: 'Detached' | 'Connecting' | 'Connected'
}

/** The status of a router in the terms of lanes; undefined if none is attached. */
export const routerStatus = ({ connection }: RouterLike): LaneStatus | undefined => {
  if (connection === 'Connected') return 'Ready'
  return connection === 'Connecting' ? 'Pending' : undefined
}
