import type { Engine } from '../../engine/engine.ts'
import type { Metrics } from '../metrics.ts'
import type { OpenSubscriptions } from '../open-subscriptions.ts'

/** What resolvers answer from. */
export interface Services {
  readonly engine: Engine
  readonly metrics: Metrics
  readonly subscriptions: OpenSubscriptions
}
