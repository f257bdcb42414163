import type { EventStoreDBClient } from '@eventstore/db-client'
import type { AppendCalls } from './appending/append-call.ts'
import type { KnownEnds } from './known-ends.ts'

export interface CallContext {
  readonly client: EventStoreDBClient
  readonly appends: AppendCalls
  readonly timeoutMs: number
  readonly settleMs: number
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  readonly knownEnds: KnownEnds
  readonly closing: AbortSignal
}
