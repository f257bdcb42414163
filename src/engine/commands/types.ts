import type { Command } from '../../../schemas/commands.ts'
import type { Position, Via } from '../../../schemas/events/recorded-event.ts'
import type { Span } from '../../telemetry/tracing.ts'

export interface Caller {
  readonly actor: string
  readonly via: Via
  /** IP address; absent for the engine's own requests. */
  readonly clientAddress?: string
  readonly correlationId: string
  readonly span?: Span
}

export interface CommandOptions {
  readonly caller: Caller
  /** A repeated id returns the first result and appends no event. */
  readonly commandId?: string | undefined
  /** Another version fails with CONFLICT. */
  readonly expectedResourceVersion?: Position | undefined
}

export interface DryRunRequest extends Omit<CommandOptions, 'caller'> {
  readonly command: Command
}

export interface CommandAnswer<Row> {
  readonly position: Position
  readonly uid: string
  readonly row?: Row
  readonly eventType?: string
  readonly replaced?: boolean
}

export interface ApplyOptions {
  readonly caller: Caller
  readonly namespace?: string | undefined
  readonly dryRun?: boolean
  /** Deletes and creates a resource again where a manifest changes what cannot be changed. */
  readonly replace?: boolean | undefined
  /** Rejects manifests with the uid of a resource that does not exist. */
  readonly mustExist?: boolean | undefined
  readonly commandId?: string | undefined
}

export type ApplyAction = 'Created' | 'Configured' | 'Replaced' | 'Unchanged' | 'Skipped'

export interface ApplyResult {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly action: ApplyAction
  readonly message: string
  /** Absent for skipped manifests and dry runs. */
  readonly position?: Position
}
