import type { EventStoreDBClient } from '@eventstore/db-client'
import type { KnownEnds } from './known-ends.ts'

/** What every call of a store shares. */
export interface CallContext {
  readonly client: EventStoreDBClient
  /** How long a call may go without an answer. */
  readonly timeoutMs: number
  /** How long a server that answers with less than was read of it is taken for one that lags. */
  readonly settleMs: number
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number
  readonly knownEnds: KnownEnds
  readonly closing: AbortSignal
}
