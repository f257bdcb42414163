import type { Projection } from '../../../projections/kit/projection.ts'
import type { Command } from '../../../schemas/commands.ts'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { Decider, WithNewUid } from '../../domain/decider.ts'

/** How the engine treats the resources of a kind. */
// biome-ignore lint/suspicious/noExplicitAny: code for all kinds does not know the rows of each
export interface ResourceModel<Rows extends object = any> {
  readonly decider: Decider<unknown, WithNewUid<Command>, DomainEvent>
  readonly model: string
  readonly projection: Pick<Projection<Rows>, 'name' | 'version' | 'tables'>
  /** Has a row for each resource. */
  readonly table: keyof Rows & string
  /** Their changes are emitted too. */
  readonly related?: readonly (keyof Rows & string)[]
  /** Key of the row; the stream by default. */
  key?(namespace: string): string
  readonly holdsEndpoint?: true
  /** What is known of past rows while no engine watched the router. */
  readonly unobserved: { readonly [Name in keyof Rows]?: (row: Rows[Name], since: string) => Rows[Name] }
  /** The row as of a position, with fields that need other tables. */
  // biome-ignore lint/suspicious/noExplicitAny: each kind needs tables of its own, which all exist
  past(row: Rows[keyof Rows & string], asOf: Position, tables: any): object
}
