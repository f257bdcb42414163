import type { Engine } from '../../engine/engine.ts'
import type { CredentialsWarning } from '../credentials-warnings.ts'
import type { Metrics } from '../metrics.ts'
import type { OpenSubscriptions } from '../open-subscriptions.ts'

/** What resolvers answer from. */
export interface Services {
  readonly engine: Engine
  readonly metrics: Metrics
  readonly subscriptions: OpenSubscriptions
  /** Says nothing where it is not given. */
  readonly credentialsWarning?: CredentialsWarning
}
