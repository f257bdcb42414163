import type { EventStoreDBClient } from '@eventstore/db-client'
import type { AppendCalls } from './appending/append-call.ts'
import type { KnownEnds } from './known-ends.ts'
import type { OpenSubscription } from './subscribing/subscribe-request.ts'

export interface CallContext {
  readonly client: EventStoreDBClient
  readonly appends: AppendCalls
  readonly openSubscription: OpenSubscription
  readonly timeoutMs: number
  readonly settleMs: number
  readonly now: () => number
  readonly knownEnds: KnownEnds
  readonly closing: AbortSignal
}
