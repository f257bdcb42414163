import type { ConnectorRow } from '../../../projections/connector-status.ts'
import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { ConditionType } from '../../../projections/shared/conditions.ts'
import type { Timeline } from '../../../projections/timeline.ts'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type {
  ConnectorFilter,
  EntityDifferences,
  ListenerFilter,
  MatchingConnector,
  Page,
  PageRequest,
  RouterConfiguration,
} from '../queries/types.ts'

/** After every event at or before a time (RFC 3339), or at or before a position. */
export type MomentRequest =
  | { readonly time: string; readonly position?: undefined }
  | { readonly position: Position; readonly time?: undefined }

/** The position that a row is of; its history ends there. */
export interface AsOf {
  readonly asOf: Position
}

export interface PastListener extends ListenerRow, AsOf {
  readonly matchingConnectors: readonly MatchingConnector[]
}

export interface PastConnector extends ConnectorRow, AsOf {}

/** The state at one moment: empty before the first event, the current state for a moment in the future. */
export interface AsOfView {
  /** Of the last event at or before the moment. */
  readonly position: Position
  listener(namespace: string, name: string): Promise<PastListener | undefined>
  listeners(filter: ListenerFilter, page: PageRequest): Promise<Page<PastListener>>
  connector(namespace: string, name: string): Promise<PastConnector | undefined>
  connectors(filter: ConnectorFilter, page: PageRequest): Promise<Page<PastConnector>>
  routerConfig(namespace: string): Promise<RouterConfiguration>
}

export interface TimelineRequest {
  readonly namespace: string
  readonly name: string
  readonly type: ConditionType
  readonly from: MomentRequest
  /** Default: now, also for a moment in the future. */
  readonly to?: MomentRequest | undefined
}

export interface StateChangeRequest {
  readonly namespace: string
  /** Only changes of this listener. */
  readonly listener?: string | undefined
}

/** The changes that one event made in the visible state. */
export interface StateChange {
  readonly position: Position
  /** Reads the event from the store; rejects with UNAVAILABLE if it does not respond. */
  event(): Promise<RecordedEvent>
  /** `before` is absent for a new listener, `after` for a deleted one. */
  readonly listeners: readonly { readonly name: string; readonly before?: ListenerRow; readonly after?: ListenerRow }[]
  readonly routerConfig: EntityDifferences
}

export interface StateChangePage {
  /** In order of position. */
  readonly changes: readonly StateChange[]
  readonly hasNextPage: boolean
}

/** Queries of past states. All reject with UNAVAILABLE while the read models with the history are being rebuilt. */
export interface TimeTravel {
  past(moment: MomentRequest): Promise<AsOfView>
  /**
   * A condition over time, of all listeners that had the name. Rejects with BAD_USER_INPUT if the window ends before it
   * begins.
   */
  timeline(request: TimelineRequest): Promise<Timeline>
  /**
   * What the events in (after, to] changed in the status of a namespace's listeners and in its router configuration.
   * Events without such a change are left out.
   */
  changes(
    request: StateChangeRequest,
    page: { readonly first: number; readonly after: Position; readonly to: Position },
  ): Promise<StateChangePage>
}
