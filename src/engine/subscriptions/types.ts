import type { ConditionResult } from '../../../projections/shared/evaluate-conditions.ts'
import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import type { SiteRow } from '../../../projections/sites.ts'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { ConditionedKind } from '../../../schemas/resources/kinds.ts'
import type { MomentRequest } from '../history/types.ts'
import type { EntityDifferences, EventFilter, Moment, RouterConfiguration } from '../queries/types.ts'
import type { AsOf, RowOf } from '../resources/registry.ts'

export interface WatchScope {
  readonly namespace?: string | undefined
  readonly bookmark?: boolean | undefined
}

export interface ResourceChange<K extends ConditionedKind> extends Moment {
  readonly namespace: string
  readonly name: string
  /** Absent in the initial state. */
  readonly eventType?: string
  /** Marks the end of the initial state; has no name. */
  readonly isBookmark?: true
  /** Absent if the resource does not exist. */
  readonly row?: RowOf<K> & Partial<AsOf>
}

export interface SiteChange extends Moment {
  readonly namespace: string
  readonly eventType?: string
  readonly isBookmark?: true
  readonly row?: SiteRow & Partial<AsOf>
  readonly router?: RouterConnection
}

export interface MatchChange extends Moment {
  readonly value: boolean
}

export interface ReadyChange extends Moment, ConditionResult {}

export interface RouterConfigChange extends Moment, EntityDifferences {
  readonly config: RouterConfiguration
}

/** One `next` at a time. */
export interface Watch<T> extends AsyncIterableIterator<T> {
  /** The value that `next` would give at once. */
  peek(): T | undefined
  /** Takes what `peek` returned. */
  skip(): void
}

/**
 * Each yields the state now or at `from`, then every change once, in order, until the signal aborts. UNAVAILABLE ends a
 * reader that cannot catch up; it can resume from its last position.
 */
export interface Watches {
  resource<K extends ConditionedKind>(
    kind: K,
    namespace: string,
    name: string,
    signal: AbortSignal,
    from?: MomentRequest,
  ): Watch<ResourceChange<K>>
  resources<K extends ConditionedKind>(
    kind: K,
    scope: WatchScope,
    signal: AbortSignal,
    from?: MomentRequest,
  ): Watch<ResourceChange<K>>
  sites(scope: WatchScope, signal: AbortSignal, from?: MomentRequest): Watch<SiteChange>
  /** @throws HarkError NOT_FOUND for a missing listener; with `from` it yields false */
  hasMatchingConnector(namespace: string, name: string, signal: AbortSignal, from?: MomentRequest): Watch<MatchChange>
  /** @throws HarkError NOT_FOUND for a missing listener; with `from` it yields Unknown */
  ready(namespace: string, name: string, signal: AbortSignal, from?: MomentRequest): Watch<ReadyChange>
  routerConfig(namespace: string, signal: AbortSignal, from?: MomentRequest): Watch<RouterConfigChange>
  /** Begins with the next event, or the first after `from`. */
  events(filter: EventFilter, signal: AbortSignal, from?: MomentRequest): Watch<RecordedEvent>
}

export interface ChangeBatch<T> {
  readonly position: Position
  readonly values: readonly T[]
}

export interface LiveReading<T> {
  readonly batches: AsyncIterable<ChangeBatch<T>>
  hasOverflowed(): boolean
}
