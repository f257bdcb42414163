import type { EventFragment } from '../api/generated.ts'
import type { LaneKind, LaneStatus } from '../lanes/lane.ts'

/** A status of a resource that began; undefined if the resource ceased to exist. */
export interface StatusChange {
  readonly status: LaneStatus | undefined
  readonly time: number
  readonly event: EventFragment | undefined
}

/** Of one resource, oldest first. */
export interface StatusChanges {
  readonly kind: LaneKind
  /** Up to the moment that the page shows. */
  readonly before: readonly StatusChange[]
  readonly after: readonly StatusChange[]
}

/** The status at the moment that the page shows. */
interface CurrentStatus {
  readonly status: LaneStatus | undefined
  readonly from: number
  readonly to: number | undefined
}

export const currentStatus = ({
  before,
  after,
}: Pick<StatusChanges, 'before' | 'after'>): CurrentStatus | undefined => {
  const current = before.at(-1)
  return current && { status: current.status, from: current.time, to: after[0]?.time }
}

export interface NewStatus {
  readonly kind: LaneKind
  readonly status: LaneStatus
  /** Whether it is Ready, and is known to have been so before. */
  readonly isReadyAgain: boolean
}

/** The statuses of a resource that began with events, which may be about others. */
export const newStatusesOf = ({ kind, before, after }: StatusChanges) => {
  const changes = [...before, ...after]
  const byPosition = new Map(changes.map((change, place) => [change.event?.position, { ...change, place }]))
  const firstReady = changes.findIndex(({ status }) => status === 'Ready')
  return ({ position, time }: Pick<EventFragment, 'position' | 'time'>): NewStatus | undefined => {
    const change = byPosition.get(position)
    // A report that nothing was observed is later than that.
    if (change?.status === undefined || change.time !== Date.parse(time)) return undefined
    const { status, place } = change
    return { kind, status, isReadyAgain: status === 'Ready' && place > firstReady }
  }
}
