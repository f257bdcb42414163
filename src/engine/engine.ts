import type { Command } from '../../schemas/commands.ts'
import type { Position } from '../../schemas/events/recorded-event.ts'
import type { RejectedCommand } from './commands/rejected-command-log.ts'
import type { ApplyOptions, ApplyResult, CommandAnswer, CommandOptions, DryRunRequest } from './commands/types.ts'
import type { Compacted, CompactionRequest } from './history/compaction/compaction.ts'
import type { TimeTravel } from './history/types.ts'
import type { Overview } from './overview/types.ts'
import type { CurrentState } from './queries/types.ts'
import type { Projector } from './read-models/projector.ts'
import type { ReadModels } from './read-models/read-models.ts'
import type { RunningRebuild } from './rebuild/types.ts'
import type { Reports } from './reports/types.ts'
import type { RowAfter } from './resources/registry.ts'
import type { Watches } from './subscriptions/types.ts'

export interface ReadSide extends CurrentState, TimeTravel, Overview, Reports {}

export interface LiveReadModels
  extends Pick<ReadModels, 'serving'>,
    Pick<Projector, 'onProjected' | 'onBatch' | 'onSwap' | 'reached'> {}

export interface EngineStatus {
  /** True during a rebuild, which serves the old read models. */
  readonly ready: boolean
  /** The store responds and the read models follow it. */
  readonly live: boolean
  readonly position: Position
  readonly rebuilding: readonly string[]
  /** Why the read models stopped following the log until a restart, such as a corrupted event. */
  readonly stopped?: string | undefined
  readonly failed?: string | undefined
  readonly unwritable?: string | undefined
}

/** Methods throw HarkError: after UNAVAILABLE a command may be repeated with its commandId. */
export interface Engine {
  execute<C extends Command>(command: C, options: CommandOptions): Promise<CommandAnswer<RowAfter<C>>>
  /** Executes nothing: of each command, the error with which `execute` would reject it, or undefined. */
  dryRun(requests: readonly DryRunRequest[]): Promise<readonly unknown[]>
  /** Rejects all manifests if one would be rejected; otherwise applies each on its own. */
  apply(manifests: readonly unknown[], options: ApplyOptions): Promise<readonly ApplyResult[]>
  /** Never rejects. */
  refused(command: RejectedCommand): Promise<void>
  readonly read: ReadSide
  readonly watch: Watches
  readonly readModels: LiveReadModels
  /** Removes a slice of the history of rows, and nothing of the log. */
  compact(request: CompactionRequest): Promise<Compacted>
  readonly rebuild: RunningRebuild
  status(): EngineStatus
  /** Rejects if the engine can no longer become ready. */
  whenReady(): Promise<void>
  close(): Promise<void>
}
