import type { Lane, Mark, Segment } from './lane.ts'

export interface Hit {
  readonly lane: Lane
  readonly time: number
  readonly mark: Mark | undefined
  readonly segment: Segment | undefined
  readonly x: number
  readonly y: number
}
