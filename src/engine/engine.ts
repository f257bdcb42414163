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

/** The rows of the read models, and each event as soon as they show it. */
export interface LiveReadModels
  extends Pick<ReadModels, 'serving'>,
    Pick<Projector, 'onProjected' | 'onSwap' | 'reached'> {}

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
  readonly readModels: LiveReadModels
  status(): EngineStatus
  /** Resolves once `ready`; rejects where that can no longer be. */
  whenReady(): Promise<void>
  close(): Promise<void>
}
