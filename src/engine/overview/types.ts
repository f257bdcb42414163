import type { ConditionType } from '../../../projections/shared/evaluate-conditions.ts'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { CONDITIONED_KINDS } from '../../../schemas/resources/kinds.ts'
import type { MomentRequest } from '../history/types.ts'
import type { LaneStatus } from './lane-status.ts'

export interface WindowTimes {
  readonly from: number
  readonly to: number
}

export interface WindowRequest {
  /** Defaults to the first event. */
  readonly from?: MomentRequest | undefined
  /** Defaults to now, as do future moments. */
  readonly to?: MomentRequest | undefined
  /** The time, up to which the log is known. Read models omit some events. */
  readonly known?: number | undefined
}

export type TimesOf = (window: WindowRequest, first: number | undefined) => Promise<LaneWindow>

interface DensityRequest extends WindowRequest {
  readonly namespaces: readonly string[] | undefined
  readonly buckets: number
}

/** Times and lengths are in milliseconds. */
export interface EventDensity extends WindowTimes {
  readonly length: number
  readonly counts: readonly number[]
  readonly total: number
  /** Absent without events. */
  readonly span?: { readonly first: number; readonly last: number }
}

export const LANE_KINDS = [...CONDITIONED_KINDS, 'Router'] as const
export type LaneKind = (typeof LANE_KINDS)[number]

export interface LaneWindow extends WindowTimes {
  /** Includes its end. */
  readonly isOpen: boolean
}

export interface LaneFilter {
  readonly namespaces?: readonly string[] | undefined
  /** A regular expression in the syntax of RE2. */
  readonly name?: string | undefined
  readonly kinds?: readonly LaneKind[] | undefined
  /** At the end of the window. */
  readonly statuses?: readonly LaneStatus[] | undefined
  readonly notReadyInWindow?: boolean | undefined
}

export interface LanesRequest extends WindowRequest, LaneFilter {
  readonly orderBy: 'Name' | 'NotReady'
  readonly resolution: number
  readonly first: number
  readonly after?: string | undefined
}

/** The nth entries describe the nth segment, which ends where the next begins. */
export interface SegmentColumns {
  /** Milliseconds since the beginning of the window. */
  readonly from: readonly number[]
  readonly status: string
  readonly changes: readonly number[]
  readonly position: readonly number[]
  /** Indexes of `messages`; -1 for none. */
  readonly message: readonly number[]
  readonly messages: readonly string[]
}

/** The nth entries describe the nth cell with events. */
export interface MarkColumns {
  /** Milliseconds since the beginning of the window. */
  readonly time: readonly number[]
  readonly count: readonly number[]
  readonly position: readonly number[]
  /** Indexes of `types`. */
  readonly type: readonly number[]
  readonly types: readonly string[]
}

/** JSON made in the history thread, which does not hold up the main thread. */
export interface ColumnText {
  readonly text: string
  readonly size: number
}

export interface ConditionLane {
  readonly type: ConditionType
  readonly segments: ColumnText
}

export interface Lane {
  readonly kind: LaneKind
  readonly namespace: string
  readonly name: string
  readonly cursor: string
  readonly status: LaneStatus | undefined
  /** Milliseconds in the window. */
  readonly notReady: number
  readonly segments: ColumnText
  readonly marks: ColumnText
  conditions(): Promise<readonly ConditionLane[]>
  port(): Promise<number | undefined>
}

export interface LanePage extends WindowTimes {
  readonly lanes: readonly Lane[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly totalCount: number
}

/** The resources with this kind, namespace and name share a lane; a router is named like its namespace. */
export interface NamedLane {
  readonly kind: LaneKind
  readonly namespace: string
  readonly name: string
}

export interface StatusChangesRequest extends NamedLane {
  readonly from?: MomentRequest | undefined
  /** Defaults to now, as do future moments. */
  readonly to?: MomentRequest | undefined
  readonly first?: number | undefined
  readonly last?: number | undefined
}

export interface StatusChange {
  readonly status: LaneStatus | undefined
  readonly time: number
  readonly message: string
  /** The event that began it, or reported that nothing was observed; undefined if there is none. */
  readonly position: Position | undefined
  /** @throws HarkError UNAVAILABLE if the store does not respond */
  event(): Promise<RecordedEvent | undefined>
}

export interface Overview {
  /** Namespaces that ever had events, sorted. */
  namespaces(): readonly string[]
  /** @throws HarkError BAD_USER_INPUT if the window ends before it begins */
  density(request: DensityRequest): Promise<EventDensity>
  /** @throws HarkError BAD_USER_INPUT for a wrong window, regular expression or cursor */
  lanes(request: LanesRequest): Promise<LanePage>
  statusChanges(request: StatusChangesRequest): Promise<readonly StatusChange[]>
  /** The status of its resource that began at each event; undefined for none. */
  statusesBegun(events: readonly RecordedEvent[]): Promise<readonly (LaneStatus | undefined)[]>
}
