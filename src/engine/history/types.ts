import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { MultiKeyListenerRow } from '../../../projections/multi-key-listener-status.ts'
import type { ConditionType } from '../../../projections/shared/evaluate-conditions.ts'
import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import type { SiteRow } from '../../../projections/sites.ts'
import type { Timeline } from '../../../projections/timeline.ts'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { ConditionedKind } from '../../../schemas/resources/kinds.ts'
import type { ReachedSite } from '../queries/reached-sites.ts'
import type {
  EntityDifferences,
  Page,
  ResourceFilter,
  ResourcePageRequest,
  RouterConfiguration,
} from '../queries/types.ts'
import type { KeptHistory } from '../read-models/persistence/kept-history.ts'
import type { AsOf, PastOf } from '../resources/registry.ts'

/** Selects the last event at or before a time (RFC 3339) or position. */
export type MomentRequest =
  | { readonly time: string; readonly position?: undefined }
  | { readonly position: Position; readonly time?: undefined }

export interface PastSite extends SiteRow, AsOf {
  readonly router: RouterConnection
  readonly reaches: readonly ReachedSite[]
}

/** Empty before the first event; current for future moments. */
interface AsOfView {
  readonly position: Position
  resource<K extends ConditionedKind>(kind: K, namespace: string, name: string): Promise<PastOf<K> | undefined>
  /** @param isPlain without what is derived from other rows: the matching connectors of listeners */
  resources<K extends ConditionedKind>(
    kind: K,
    filter: ResourceFilter,
    page: ResourcePageRequest,
    isPlain?: boolean,
  ): Promise<Page<PastOf<K>>>
  sites(): Promise<readonly PastSite[]>
  routerConfig(namespace: string): Promise<RouterConfiguration>
}

interface TimelineRequest {
  readonly kind: ConditionedKind
  readonly namespace: string
  readonly name: string
  readonly type: ConditionType
  readonly from?: MomentRequest | undefined
  /** RFC 3339: the beginning of a window without `from`, unless a compaction has removed it. */
  readonly since?: string
  /** Defaults to now, as do future moments. */
  readonly to?: MomentRequest | undefined
}

interface BisectionRequest extends Omit<TimelineRequest, 'from' | 'since'> {
  /** Defaults to the first event. */
  readonly from?: MomentRequest | undefined
  /** The last such event rather than the first. */
  readonly latest: boolean
}

/** `before`: the condition was not True when the window began, and ceased to be True at no event in it. */
export type Bisection =
  | { readonly outcome: 'before' | 'never' }
  | {
      readonly outcome: 'found'
      readonly position: Position
      /** The first event from then on with the reason Error. */
      readonly failure?: Position
    }

export interface StateChangeRequest {
  readonly namespace: string
  readonly listener?: string | undefined
  readonly multiKeyListener?: string | undefined
}

export interface ResourceDifference<Row> {
  readonly name: string
  readonly before?: Row
  readonly after?: Row
}

export interface StateChange {
  readonly position: Position
  /** @throws HarkError UNAVAILABLE if the store does not respond */
  event(): Promise<RecordedEvent>
  /** `before` is absent for a new listener, `after` for a deleted one. */
  readonly listeners: readonly ResourceDifference<ListenerRow>[]
  readonly multiKeyListeners: readonly ResourceDifference<MultiKeyListenerRow>[]
  readonly routerConfig: EntityDifferences
}

export interface StateChangePage {
  readonly changes: readonly StateChange[]
  readonly hasNextPage: boolean
}

/** Queries reject with UNAVAILABLE during a rebuild, with BAD_USER_INPUT if a window ends before it begins. */
export interface TimeTravel {
  /** Where the history of states begins; undefined if it is whole. */
  kept(): KeptHistory | undefined
  past(moment: MomentRequest): Promise<AsOfView>
  timeline(request: TimelineRequest): Promise<Timeline>
  bisect(request: BisectionRequest): Promise<Bisection>
  /** In (after, to]. */
  changes(
    request: StateChangeRequest,
    page: { readonly first: number; readonly after: Position; readonly to: Position },
  ): Promise<StateChangePage>
}

/** Start of the unwatched time (RFC 3339), by namespace. */
export type Unobserved = ReadonlyMap<string, string>
