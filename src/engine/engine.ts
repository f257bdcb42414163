import type { AuditEntry } from '../../projections/audit/entry.ts'
import type { AuditCounts } from '../../projections/audit/summary.ts'
import type { ConnectorRow } from '../../projections/connector-status.ts'
import type { ListenerRow } from '../../projections/listener-status.ts'
import type { RoutingKeyUse } from '../../projections/routing-keys.ts'
import type { ConditionResult, ConditionType, ResourceStatus } from '../../projections/shared/conditions.ts'
import type { RouterConnection } from '../../projections/shared/router-connection.ts'
import type { SiteRow } from '../../projections/sites.ts'
import type { Timeline } from '../../projections/timeline.ts'
import type { AuditAction, AuditedKind } from '../../schemas/audit-vocabulary.ts'
import type { ConnectorCommand, ListenerCommand } from '../../schemas/commands.ts'
import type { Position, RecordedEvent, Via } from '../../schemas/events/recorded-event.ts'
import type { RouterEntity } from '../../schemas/router-entities.ts'
import type { RouterEventWriter } from '../controller/event-writer.ts'
import type { Lease, LeaseTimes } from '../controller/lease/lease.ts'
import type { SiteState } from '../controller/site-state.ts'
import type { RejectedCommand } from './commands/rejected-command-log.ts'

/** On whose behalf something is asked, and the id that ties together all that comes of it. */
export interface Caller {
  readonly actor: string
  readonly via: Via
  /** The IP address that the request came from; absent for what comes from within. */
  readonly clientAddress?: string
  /** A UUID. */
  readonly correlationId: string
}

export interface CommandOptions {
  readonly caller: Caller
  /** The caller's own id of the command: the same id again answers as the first time and adds no event. */
  readonly commandId?: string | undefined
  /** The command is refused with CONFLICT unless this is still the resource's. */
  readonly expectedResourceVersion?: Position | undefined
}

export interface CommandAnswer<Row> {
  /** Where the log stood when the command was done: everything up to here is in what the read side shows. */
  readonly position: Position
  readonly uid: string
  /** The resource after the command; absent once deleted. */
  readonly row?: Row
  /** The type of the event that the command brought about; absent where nothing had to change. */
  readonly eventType?: string
}

export interface ApplyOptions {
  readonly caller: Caller
  /** For manifests that name none. */
  readonly namespace?: string | undefined
  readonly dryRun?: boolean
  readonly commandId?: string | undefined
}

export type ApplyAction = 'Created' | 'Configured' | 'Unchanged' | 'Skipped'

export interface ApplyResult {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly action: ApplyAction
  readonly message: string
  /** Absent for what was skipped, and in a dry run. */
  readonly position?: Position
}

export interface Page<Row> {
  readonly rows: readonly { readonly cursor: string; readonly row: Row }[]
  readonly hasNextPage: boolean
  readonly totalCount: number
}

export interface PageRequest {
  /** At least 1. */
  readonly first: number
  /** The cursor of the row before the page, from an earlier page; it holds though rows come and go. */
  readonly after?: string | undefined
}

export interface ListenerFilter {
  readonly namespace?: string | undefined
  readonly routingKey?: string | undefined
  readonly status?: ResourceStatus | undefined
}

export interface ConnectorFilter {
  readonly namespace?: string | undefined
  readonly routingKey?: string | undefined
}

export interface EventFilter {
  readonly namespace?: string | undefined
  /** The name of a listener, connector or site. */
  readonly name?: string | undefined
  readonly types?: readonly string[] | undefined
}

export interface EventPageRequest {
  readonly first: number
  readonly after?: Position | undefined
  /** Up to here. */
  readonly to?: Position | undefined
}

export interface EventPage {
  /** Oldest first. */
  readonly events: readonly RecordedEvent[]
  readonly hasNextPage: boolean
}

export interface MatchingConnector {
  /** Of a connector that was declared in Hark; absent for one that the site's router sees on the network. */
  readonly namespace?: string | undefined
  readonly routingKey: string
  readonly site?: string | undefined
  readonly name?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly since: string
}

/** A moment of the log: a position, and the time of the event there. */
export interface Moment {
  readonly position: Position
  readonly time: string
}

/** A moment to look at: after every event at or before a time (RFC 3339), or at or before a position. */
export type MomentRequest =
  | { readonly time: string; readonly position?: undefined }
  | { readonly position: Position; readonly time?: undefined }

/** Of when a row is: its history goes no further. */
interface AsOf {
  readonly asOf: Position
}

export interface PastListener extends ListenerRow, AsOf {
  readonly matchingConnectors: readonly MatchingConnector[]
}

export interface PastConnector extends ConnectorRow, AsOf {}

/**
 * What held at one moment: nothing where that is before the first event, and what holds now where it is in the future.
 */
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
  /** Now where it is not given, and where it is in the future. */
  readonly to?: MomentRequest | undefined
}

export interface ListenerChange extends Moment {
  readonly namespace: string
  readonly name: string
  /** Absent in the first of a subscription, which tells what held already. */
  readonly eventType?: string
  /** Absent where there is none, or none any more. With the moment that it is of where that is past. */
  readonly row?: ListenerRow & Partial<AsOf>
}

export interface MatchChange extends Moment {
  readonly value: boolean
}

export interface ReadyChange extends Moment, ConditionResult {}

export interface EntityChange {
  readonly type: string
  readonly name: string
  readonly before: object
  readonly after: object
}

export interface RouterConfiguration {
  readonly namespace: string
  readonly position: Position
  readonly entities: readonly RouterEntity[]
}

export interface EntityDifferences {
  readonly added: readonly RouterEntity[]
  readonly removed: readonly RouterEntity[]
  readonly changed: readonly EntityChange[]
}

export interface RouterConfigChange extends Moment, EntityDifferences {
  readonly config: RouterConfiguration
}

export interface StateChangeRequest {
  readonly namespace: string
  /** Only what is about this one. */
  readonly listener?: string | undefined
}

/** What one event changed of what is shown. */
export interface StateChange {
  readonly position: Position
  /** Read from the store when it is asked for; rejects with UNAVAILABLE where that does not answer. */
  event(): Promise<RecordedEvent>
  /** Each as it was, absent where it came, and as it is, absent where it went. */
  readonly listeners: readonly { readonly name: string; readonly before?: ListenerRow; readonly after?: ListenerRow }[]
  readonly routerConfig: EntityDifferences
}

export interface StateChangePage {
  /** In order of position. */
  readonly changes: readonly StateChange[]
  readonly hasNextPage: boolean
}

export interface AuditFilter {
  readonly actor?: string | undefined
  readonly namespace?: string | undefined
  readonly kind?: AuditedKind | undefined
  readonly name?: string | undefined
  readonly actions?: readonly AuditAction[] | undefined
}

export interface AuditRequest extends AuditFilter {
  /** The first event by default. */
  readonly from?: MomentRequest | undefined
  /** Now by default, and where it is in the future. */
  readonly to?: MomentRequest | undefined
}

export interface AuditPage {
  /** Oldest first. */
  readonly entries: readonly AuditEntry[]
  readonly hasNextPage: boolean
}

/** How a listener fared in a window, while it was there. */
export interface Availability {
  readonly namespace: string
  readonly name: string
  /** Shares of time, 0 to 1, as a timeline has them. */
  readonly fractionReady: number
  readonly fractionUnknown: number
  readonly transitions: number
}

export interface AuditWindow {
  /** RFC 3339. */
  readonly from: string
  readonly to: string
  /** Of the last event in it; no event's where it ends before the first. */
  readonly position: Position
}

/** Who did what in a window of the log. Each method reads the store anew, and keeps no more than it gives. */
export interface AuditReport {
  window(): Promise<AuditWindow>
  entries(page: { readonly first: number; readonly after?: Position | undefined }): Promise<AuditPage>
  summary(): Promise<AuditCounts>
  /** Of every listener that was there in the window and that the filter names, by namespace and name. */
  availability(page: PageRequest): Promise<Omit<Page<Availability>, 'totalCount'>>
}

/** Answers from the read models, in memory and at once: what held at `head()`. */
export interface ReadSide {
  /** The newest position that the read side has taken in. */
  head(): Moment
  /** Rejects with UNAVAILABLE while the read models that have it are being rebuilt. */
  past(moment: MomentRequest): Promise<AsOfView>
  /**
   * What a condition said from time to time, of all listeners that bore the name. Rejects with BAD_USER_INPUT where the
   * window ends before it begins, and as `past` does.
   */
  timeline(request: TimelineRequest): Promise<Timeline>
  /**
   * What events after a position and up to another changed in the status of a namespace's listeners and in its router's
   * configuration; events that changed nothing of these are left out. Rejects with UNAVAILABLE as `past` does.
   */
  changes(
    request: StateChangeRequest,
    page: { readonly first: number; readonly after: Position; readonly to: Position },
  ): Promise<StateChangePage>
  /**
   * Rejects with BAD_USER_INPUT where the window ends before it begins, and with UNAVAILABLE where the store does not
   * answer; so do the methods of the report. What happens after it resolved is in none of them.
   */
  audit(request: AuditRequest): Promise<AuditReport>
  listener(namespace: string, name: string): ListenerRow | undefined
  listeners(filter: ListenerFilter, page: PageRequest): Page<ListenerRow>
  connector(namespace: string, name: string): ConnectorRow | undefined
  connectors(filter: ConnectorFilter, page: PageRequest): Page<ConnectorRow>
  /** By namespace. */
  sites(): readonly SiteRow[]
  /** Of a namespace's router; Detached where there is none. */
  router(site: SiteRow): RouterConnection
  /** Oldest first. */
  matchingConnectors(listener: ListenerRow): readonly MatchingConnector[]
  routerConfig(namespace: string): RouterConfiguration
  /** Who uses a routing key, by kind, namespace and name. */
  routingKeyUses(routingKey: string): readonly RoutingKeyUse[]
  /** Events from the store itself; rejects with UNAVAILABLE where it does not answer. */
  events(filter: EventFilter, page: EventPageRequest): Promise<EventPage>
  history(kind: 'listener' | 'connector', namespace: string, name: string, page: EventPageRequest): Promise<EventPage>
}

/**
 * Each sends what holds first, or what held at `from`, then every change once, in order of position, until the signal ends
 * it. A reader that falls behind is served from the disk until it is near again, so that none takes more memory than another;
 * where it may not be, it is ended with UNAVAILABLE and can go on from the position that it had last.
 */
export interface Watches {
  listener(namespace: string, name: string, signal: AbortSignal, from?: MomentRequest): AsyncIterable<ListenerChange>
  /** Begins with every listener there is, or was. */
  listeners(namespace: string | undefined, signal: AbortSignal, from?: MomentRequest): AsyncIterable<ListenerChange>
  /** @throws NOT_FOUND for a listener that is not there, unless `from` is given: false where there was none. */
  hasMatchingConnector(
    namespace: string,
    name: string,
    signal: AbortSignal,
    from?: MomentRequest,
  ): AsyncIterable<MatchChange>
  /** @throws NOT_FOUND for a listener that is not there, unless `from` is given: Unknown where there was none. */
  ready(namespace: string, name: string, signal: AbortSignal, from?: MomentRequest): AsyncIterable<ReadyChange>
  routerConfig(namespace: string, signal: AbortSignal, from?: MomentRequest): AsyncIterable<RouterConfigChange>
  /** Begins with the next event, or the first one after `from`. */
  events(filter: EventFilter, signal: AbortSignal, from?: MomentRequest): AsyncIterable<RecordedEvent>
}

/** What whoever drives routers needs of the engine. */
export interface RouterDesk {
  /** The namespaces that have a router attached, by the log. */
  attached(): readonly string[]
  view(namespace: string): SiteState
  /** One a driver; `times` where its patience is to be another than a driver's. */
  lease(namespace: string, times?: LeaseTimes): Lease
  /** When an engine is known to have watched a router last, in milliseconds since 1970. */
  lastWatched(namespace: string, link: RouterConnection): Promise<number>
  /** This engine drives the router and heard of it at this time: kept for the engine after this one. */
  watched(namespace: string, time: number): void
  /** For as long as this lease is held. Resolves when the read side shows what was written before. */
  journal(namespace: string, lease: Lease): Promise<RouterEventWriter>
}

export interface EngineStatus {
  /** Every read model can be read: it is caught up, or an older version of it stands in. */
  readonly ready: boolean
  /** The store answers and the read models follow it. */
  readonly live: boolean
  readonly position: Position
  /** Names of the read models that are being rebuilt. */
  readonly rebuilding: readonly string[]
  /** Why the read models follow the log no further, which only another start changes: where it is damaged, say. */
  readonly stopped?: string | undefined
  /** Why nothing but another start helps, be it that the read models have stopped or that they cannot be written down. */
  readonly failed?: string | undefined
  /** Why the store takes no events at present, as far as it knows. */
  readonly unwritable?: string | undefined
}

/**
 * The whole of Hark but its doors. Methods throw HarkError for what a caller can know or mend; a store that does not
 * answer in time is UNAVAILABLE, and the same command with the same commandId may be sent again.
 */
export interface Engine {
  execute(command: ListenerCommand, options: CommandOptions): Promise<CommandAnswer<ListenerRow>>
  execute(command: ConnectorCommand, options: CommandOptions): Promise<CommandAnswer<ConnectorRow>>
  execute(
    command: ListenerCommand | ConnectorCommand,
    options: CommandOptions,
  ): Promise<CommandAnswer<ListenerRow | ConnectorRow>>
  /** Refuses all where one is faulty or would be refused; then each is applied on its own. */
  apply(manifests: readonly unknown[], options: ApplyOptions): Promise<readonly ApplyResult[]>
  /** Writes down a command that was refused before it came here, or here. Never rejects. */
  refused(command: RejectedCommand): Promise<void>
  readonly read: ReadSide
  readonly watch: Watches
  readonly routers: RouterDesk
  status(): EngineStatus
  /** Resolves once `ready`; rejects where that can no longer be. */
  whenReady(): Promise<void>
  close(): Promise<void>
}
