import type { IncomingMessage } from 'node:http'
import type { Engine } from '../engine/engine.ts'
import type { CooperativeScheduler } from '../lib/cooperative-scheduler.ts'
import type { Logger } from '../lib/logger.ts'
import type { Tracer } from '../telemetry/tracing.ts'
import type { OpenSubscriptions } from './graphql/subscription-registry.ts'
import type { Yoga } from './graphql/yoga.ts'
import type { Metrics } from './http/metrics.ts'
import type { RequestGate } from './http/request-gate.ts'
import type { EnforcedLimits } from './limits.ts'
import type { OperationSlots } from './operation-slots.ts'

export const GRAPHQL_PATH = '/graphql'
export const EVENT_STREAM_PATH = '/graphql/stream'

export interface ServerServices {
  readonly engine: Engine
  readonly logger: Logger
  readonly limits: EnforcedLimits
  readonly metrics: Metrics
  readonly gate: RequestGate
  readonly slots: OperationSlots
  readonly scheduler: CooperativeScheduler
  readonly subscriptions: OpenSubscriptions
  readonly yoga: Yoga
  readonly hasGraphiql: () => boolean
  readonly clientIp: (request: IncomingMessage) => string
  readonly tracer?: Tracer | undefined
  readonly isHostAllowed: (request: IncomingMessage) => boolean
}
