import type { Clock } from '../lib/clock.ts'
import type { AddressMap } from './address-map.ts'

export interface SimulatedNetworkOptions {
  /** A factor for the duration of management requests: 1 as measured with skupper-router. */
  readonly pace?: number
  readonly observers?: readonly string[]
  /** Types of entities and attributes that routers of an older release do not have. */
  readonly lacking?: readonly string[]
  readonly fileExists?: (path: string) => boolean
  readonly random?: () => number
  readonly clock?: Clock
  readonly addresses?: AddressMap
}

export interface SimulatedRouterOptions {
  readonly id: string
  readonly site?: string
  readonly port?: number
}
