import type { Engine } from '../../../engine/engine.ts'
import type { Metrics } from '../../http/metrics.ts'
import type { CredentialsWarning } from '../credentials-warnings.ts'
import type { OpenSubscriptions } from '../subscription-registry.ts'

/** What resolvers answer from. */
export interface Services {
  readonly engine: Engine
  readonly metrics: Metrics
  readonly subscriptions: OpenSubscriptions
  /** Says nothing where it is not given. */
  readonly credentialsWarning?: CredentialsWarning
}
