import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { RoutingKeyUse } from '../../../projections/routing-keys.ts'
import type { ResourceStatus } from '../../../projections/shared/evaluate-conditions.ts'
import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import type { SiteRow } from '../../../projections/sites.ts'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { ConditionedKind, Kind } from '../../../schemas/resources/kinds.ts'
import type { RouterEntity } from '../../../schemas/router-entities.ts'
import type { RowOf } from '../resources/registry.ts'
import type { MatchingConnector } from './matching-connectors.ts'
import type { ReachedSite } from './reached-sites.ts'

export interface Page<Row> {
  readonly rows: readonly { readonly cursor: string; readonly row: Row }[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly totalCount: number
}

export interface PageRequest {
  readonly first: number
  readonly after?: string | undefined
  readonly last?: number | undefined
  readonly before?: string | undefined
}

/** `StatusChanged`: the latest change of Ready first. */
export type ResourceOrder = 'Name' | 'StatusChanged'

export interface ResourcePageRequest extends PageRequest {
  readonly orderBy?: ResourceOrder | undefined
}

export interface ResourceFilter {
  readonly namespace?: string | undefined
  readonly routingKey?: string | undefined
  readonly labelSelector?: string | undefined
  readonly status?: ResourceStatus | undefined
}

export interface EventFilter {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly types?: readonly string[] | undefined
}

export interface EventPageRequest {
  readonly first: number
  readonly after?: Position | undefined
  /** Inclusive. */
  readonly to?: Position | undefined
}

export interface HistoryPageRequest extends EventPageRequest {
  readonly last?: number | undefined
  readonly before?: Position | undefined
}

export interface LastEventsRequest {
  readonly last: number
  readonly after?: Position | undefined
  /** Inclusive. */
  readonly to?: Position | undefined
}

export interface EventPage {
  readonly events: readonly RecordedEvent[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage?: boolean
}

export interface Moment {
  readonly position: Position
  readonly time: string
}

export interface RouterConfiguration {
  readonly namespace: string
  readonly position: Position
  readonly entities: readonly RouterEntity[]
}

export interface EntityChange {
  readonly type: string
  readonly name: string
  readonly before: object
  readonly after: object
}

export interface EntityDifferences {
  readonly added: readonly RouterEntity[]
  readonly removed: readonly RouterEntity[]
  readonly changed: readonly EntityChange[]
}

/** In memory. Reads of events throw UNAVAILABLE if the store does not respond. */
export interface CurrentState {
  head(): Moment
  resource<K extends ConditionedKind>(kind: K, namespace: string, name: string): RowOf<K> | undefined
  resources<K extends ConditionedKind>(kind: K, filter: ResourceFilter, page: ResourcePageRequest): Page<RowOf<K>>
  sites(): readonly SiteRow[]
  /** Detached if the site has no router. */
  router(site: SiteRow): RouterConnection
  reachedSites(site: SiteRow): readonly ReachedSite[]
  matchingConnectors(listener: ListenerRow): readonly MatchingConnector[]
  routerConfig(namespace: string): RouterConfiguration
  routingKeyUses(routingKey: string): readonly RoutingKeyUse[]
  events(filter: EventFilter, page: EventPageRequest): Promise<EventPage>
  lastEvents(filter: EventFilter, page: LastEventsRequest): Promise<EventPage>
  history(kind: Kind, namespace: string, name: string, page: HistoryPageRequest): Promise<EventPage>
  /** At or before the position, without events of labels and annotations. */
  lastCommand(kind: Kind, namespace: string, name: string, position: Position): Promise<RecordedEvent | undefined>
}
