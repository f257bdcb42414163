import type { Position, Via } from '../../../schemas/events/recorded-event.ts'

/** Who makes a request, and the id that ties together everything it causes. */
export interface Caller {
  readonly actor: string
  readonly via: Via
  /** IP address; absent for requests of the engine itself. */
  readonly clientAddress?: string
  readonly correlationId: string
}

export interface CommandOptions {
  readonly caller: Caller
  /** Idempotency key of the caller: the same id again returns the first result and appends no event. */
  readonly commandId?: string | undefined
  /** The command fails with CONFLICT if the resource has another version. */
  readonly expectedResourceVersion?: Position | undefined
}

export interface CommandAnswer<Row> {
  /** End of the log when the command was done; the read side shows everything up to here. */
  readonly position: Position
  readonly uid: string
  readonly row?: Row
  readonly eventType?: string
}

export interface ApplyOptions {
  readonly caller: Caller
  /** For manifests without a namespace. */
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
  /** Absent for skipped manifests and in a dry run. */
  readonly position?: Position
}
