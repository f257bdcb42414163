import type { EventStoreDBClient } from '@eventstore/db-client'

/** What every call of a store shares. */
export interface Session {
  readonly client: EventStoreDBClient
  /** How long a call may go without an answer. */
  readonly timeoutMs: number
  readonly closing: AbortSignal
}
