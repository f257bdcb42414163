import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { ConditionResult } from '../../../projections/shared/conditions.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { AsOf, MomentRequest } from '../history/types.ts'
import type { EntityDifferences, EventFilter, Moment, RouterConfiguration } from '../queries/types.ts'

export interface ListenerChange extends Moment {
  readonly namespace: string
  readonly name: string
  /** Absent in the initial state of a subscription. */
  readonly eventType?: string
  /** Absent if there is no such listener; with its position if it is a past row. */
  readonly row?: ListenerRow & Partial<AsOf>
}

export interface MatchChange extends Moment {
  readonly value: boolean
}

export interface ReadyChange extends Moment, ConditionResult {}

export interface RouterConfigChange extends Moment, EntityDifferences {
  readonly config: RouterConfiguration
}

/**
 * Each yields the current state, or that at `from`, and then every change once, in order of position, until the signal
 * aborts. A slow reader is served from disk until it has caught up, which bounds its memory. A reader that cannot catch
 * up ends with UNAVAILABLE and can resume from the last position it received.
 */
export interface Watches {
  listener(namespace: string, name: string, signal: AbortSignal, from?: MomentRequest): AsyncIterable<ListenerChange>
  /** Begins with every listener there is, or was at `from`. */
  listeners(namespace: string | undefined, signal: AbortSignal, from?: MomentRequest): AsyncIterable<ListenerChange>
  /** @throws NOT_FOUND if there is no such listener and no `from`; with `from` an absent listener yields false */
  hasMatchingConnector(
    namespace: string,
    name: string,
    signal: AbortSignal,
    from?: MomentRequest,
  ): AsyncIterable<MatchChange>
  /** @throws NOT_FOUND if there is no such listener and no `from`; with `from` an absent listener yields Unknown */
  ready(namespace: string, name: string, signal: AbortSignal, from?: MomentRequest): AsyncIterable<ReadyChange>
  routerConfig(namespace: string, signal: AbortSignal, from?: MomentRequest): AsyncIterable<RouterConfigChange>
  /** Begins with the next event, or the first one after `from`. */
  events(filter: EventFilter, signal: AbortSignal, from?: MomentRequest): AsyncIterable<RecordedEvent>
}
