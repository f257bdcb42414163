import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import type { RouterEntity } from '../../schemas/router-entities.ts'
import type { Draft } from '../kit/draft.ts'
import { profileUseOf, settleProfile } from '../tls-profiles.ts'
import type { ConfiguredSite } from './entities.ts'

/** An entity with the namespace of the router that is to have it. */
export type EntityRow = RouterEntity & {
  readonly namespace: string
  /** The bundle of TLS credentials that a profile is made of, or that an endpoint's profile is. */
  readonly bundle?: string
  /** Of an additional tcpListener: the listener that it belongs to, and the target on the network that it stands for. */
  readonly exposes?: { readonly listener: string; readonly target: string }
}

/** The entity itself, without whose it is and what it was made of. */
export const entityOf = ({ namespace: _, bundle: __, exposes: ___, ...entity }: EntityRow): RouterEntity => entity

/** A listener with exposePodsByName: each target on the network gets a tcpListener of its own beside the listener's. */
export interface ExposingListener {
  readonly namespace: string
  readonly name: string
  readonly spec: ListenerSpec
}

export interface RouterConfigRows {
  readonly sites: ConfiguredSite
  /** Those of listeners and connectors stand under the name of their stream. */
  readonly entities: EntityRow
  readonly exposing: ExposingListener
  /** Connectors that the router of a namespace sees, where their routing key may name a target. */
  readonly targets: { readonly namespace: string; readonly routingKey: string }
  /** Profiles that a namespace's router was to have once and is not to have any more. */
  readonly retired: { readonly namespace: string; readonly name: string }
  /** By namespace: where its router finds bundles of TLS credentials, where that is not the default. */
  readonly certificates: { readonly namespace: string; readonly folder: string }
}

export type RouterConfigDraft = Draft<RouterConfigRows>

/** Puts what is there and removes what is not: `entity` is undefined where the router is to have none of that name. */
export const setEntity = (
  config: RouterConfigDraft,
  key: string,
  namespace: string,
  entity: RouterEntity | undefined,
  { bundle, exposes }: Pick<EntityRow, 'bundle' | 'exposes'> = {},
): void => {
  const before = config.get('entities', key)
  if (entity !== undefined)
    config.put('entities', key, { ...entity, namespace, ...(bundle && { bundle }), ...(exposes && { exposes }) })
  else if (before !== undefined) config.remove('entities', key)
  for (const row of [config.get('entities', key), before]) {
    const use = profileUseOf(row)
    if (use !== undefined) settleProfile(config, namespace, use)
  }
}
