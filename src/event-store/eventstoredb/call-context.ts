import type { EventStoreDBClient } from '@eventstore/db-client'
import type { AppendCalls } from './appending/append-call.ts'
import type { SentEvents } from './appending/sent-events.ts'
import type { SharedTimeout } from './appending/shared-timeout.ts'
import type { LagDetector } from './lag-detector.ts'
import type { OwnAppends } from './own-appends.ts'
import type { OpenRead } from './subscribing/read-request.ts'

export interface CallContext {
  readonly client: EventStoreDBClient
  readonly appends: AppendCalls
  readonly openRead: OpenRead
  readonly sentEvents: SentEvents
  readonly timeoutMs: number
  /** Of one attempt. */
  readonly appendTimeout: SharedTimeout
  readonly settleMs: number
  readonly now: () => number
  readonly lagDetector: LagDetector
  readonly ownAppends: OwnAppends
  readonly closing: AbortSignal
}
