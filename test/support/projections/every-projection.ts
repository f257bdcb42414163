import { connectorStatus } from '../../../projections/connector-status.ts'
import { endpointClaims } from '../../../projections/endpoint-claims.ts'
import type { Projection } from '../../../projections/kit/projection.ts'
import { listenerStatus } from '../../../projections/listener-status.ts'
import { multiKeyListenerStatus } from '../../../projections/multi-key-listener-status.ts'
import { routerConfig } from '../../../projections/router-config/router-config.ts'
import { routingKeys } from '../../../projections/routing-keys.ts'
import { sites } from '../../../projections/sites.ts'

type AnyProjection = Projection<Record<string, unknown>>

/** All projections, with their rows erased. */
export const EVERY_PROJECTION = [
  listenerStatus,
  connectorStatus,
  multiKeyListenerStatus,
  routerConfig,
  routingKeys,
  endpointClaims,
  sites,
] as unknown as readonly AnyProjection[]
