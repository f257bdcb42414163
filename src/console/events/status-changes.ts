import type { EventFragment } from '../api/generated.ts'
import type { LaneKind, LaneStatus } from '../lanes/lane.ts'
import { subjectOf } from './describe-event.ts'
import type { ListedEvent } from './recent-events.ts'

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
  const byPosition = new Map<string | undefined, StatusChange & { readonly isReadyAgain: boolean }>()
  let wasReady = false
  for (const change of [...before, ...after]) {
    const isReady = change.status === 'Ready'
    byPosition.set(change.event?.position, { ...change, isReadyAgain: isReady && wasReady })
    // Another resource may get the name of one that ceased to exist.
    wasReady = change.status !== undefined && (isReady || wasReady)
  }
  return ({ position, time }: Pick<EventFragment, 'position' | 'time'>): NewStatus | undefined => {
    const change = byPosition.get(position)
    // A report that nothing was observed is later than that.
    if (change?.status === undefined || change.time !== Date.parse(time)) return undefined
    return { kind, status: change.status, isReadyAgain: change.isReadyAgain }
  }
}

/** The statuses of resources that began with events about them, as far as they were loaded. */
export const ownStatusesOf = (events: readonly ListedEvent[]) => {
  const byPosition = new Map<string, NewStatus>()
  const ready = new Set<string>()
  for (const event of events) {
    const subject = subjectOf(event)
    const { position, type, newStatus: status } = event
    if (subject === undefined || subject.kind === 'Site') continue
    const { kind, namespace, name } = subject
    const key = `${kind}/${namespace}/${name}`
    if (type.endsWith('Deleted')) ready.delete(key)
    if (!status) continue
    byPosition.set(position, { kind, status, isReadyAgain: status === 'Ready' && ready.has(key) })
    if (status === 'Ready') ready.add(key)
  }
  return ({ position }: Pick<EventFragment, 'position'>): NewStatus | undefined => byPosition.get(position)
}
