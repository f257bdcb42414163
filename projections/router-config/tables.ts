import type { Position } from '../../schemas/events/recorded-event.ts'
import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import type { RouterEntity } from '../../schemas/router-entities.ts'
import type { Draft } from '../kit/draft.ts'
import type { ConfiguredSite } from './entities.ts'

export type EntityRow = RouterEntity & {
  readonly namespace: string
  readonly bundle?: string
}

export const entityOf = ({ namespace: _, bundle: __, ...entity }: EntityRow): RouterEntity => entity

/** A listener with exposePodsByName has a tcpListener per target. */
export interface ExposingListener {
  readonly namespace: string
  readonly name: string
  readonly spec: ListenerSpec
  /** Position of its creation. */
  readonly position: Position
}

export interface EndpointHolder {
  readonly listener: string
  readonly target?: string
}

/** A target on the network has a tcpListener unless something else holds its host and port. */
export interface ExposedTargetRow {
  readonly namespace: string
  readonly listener: string
  readonly target: string
  readonly port: number
  readonly holder?: EndpointHolder
}

export interface RouterConfigRows {
  readonly sites: ConfiguredSite
  /** Stream names are the keys of listeners and connectors. */
  readonly entities: EntityRow
  readonly exposing: ExposingListener
  /** Keyed like the entity of the target. */
  readonly exposed: ExposedTargetRow
  /** Observed connectors whose routing keys may have a target. */
  readonly targets: { readonly namespace: string; readonly routingKey: string }
  /** Profiles to remove from a router. */
  readonly retired: { readonly namespace: string; readonly name: string }
  /** Contains only folders that are not the default; keyed by namespace. */
  readonly certificates: { readonly namespace: string; readonly folder: string }
}

export type RouterConfigDraft = Draft<RouterConfigRows>
