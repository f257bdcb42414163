import type { ConnectorRow } from '../../projections/connector-status.ts'
import type { ListenerRow } from '../../projections/listener-status.ts'
import type { ConnectorCommand, ListenerCommand } from '../../schemas/commands.ts'
import type { Position } from '../../schemas/events/recorded-event.ts'
import type { RejectedCommand } from './commands/rejected-command-log.ts'
import type { ApplyOptions, ApplyResult, CommandAnswer, CommandOptions } from './commands/types.ts'
import type { TimeTravel } from './history/types.ts'
import type { CurrentState } from './queries/types.ts'
import type { Projector } from './read-models/projector.ts'
import type { ReadModels } from './read-models/read-models.ts'
import type { Reports } from './reports/types.ts'
import type { Watches } from './subscriptions/types.ts'

export interface ReadSide extends CurrentState, TimeTravel, Reports {}

/** The rows of the read models, and notifications of what changes them. */
export interface LiveReadModels
  extends Pick<ReadModels, 'serving'>,
    Pick<Projector, 'onProjected' | 'onSwap' | 'reached'> {}

export interface EngineStatus {
  /** Every read model can be read: it has caught up, or its older version is served during a rebuild. */
  readonly ready: boolean
  /** The store responds and the read models follow it. */
  readonly live: boolean
  readonly position: Position
  /** Names of the read models that are being rebuilt. */
  readonly rebuilding: readonly string[]
  /** Why the read models no longer follow the log, until a restart: a corrupted event, for instance. */
  readonly stopped?: string | undefined
  /** Why the engine must be restarted: its read models have stopped, or cannot be saved. */
  readonly failed?: string | undefined
  /** Why the store is read-only at present. */
  readonly unwritable?: string | undefined
}

/**
 * Commands, queries and subscriptions over one log. Methods throw HarkError for what callers can act on: UNAVAILABLE if the
 * store does not respond in time, after which a command may be repeated with its commandId.
 */
export interface Engine {
  execute(command: ListenerCommand, options: CommandOptions): Promise<CommandAnswer<ListenerRow>>
  execute(command: ConnectorCommand, options: CommandOptions): Promise<CommandAnswer<ConnectorRow>>
  execute(
    command: ListenerCommand | ConnectorCommand,
    options: CommandOptions,
  ): Promise<CommandAnswer<ListenerRow | ConnectorRow>>
  /** Rejects all manifests if one is invalid or would be rejected; otherwise applies each on its own. */
  apply(manifests: readonly unknown[], options: ApplyOptions): Promise<readonly ApplyResult[]>
  /** Records a rejected command for auditors. Never rejects. */
  refused(command: RejectedCommand): Promise<void>
  readonly read: ReadSide
  readonly watch: Watches
  readonly readModels: LiveReadModels
  status(): EngineStatus
  /** Resolves once `ready`; rejects if that can no longer be. */
  whenReady(): Promise<void>
  close(): Promise<void>
}
