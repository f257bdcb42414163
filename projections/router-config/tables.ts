import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import type { RouterEntity } from '../../schemas/router-entities.ts'
import type { Draft } from '../kit/draft.ts'
import { profileUseOf, settleProfile } from '../tls-profiles.ts'
import type { ConfiguredSite } from './entities.ts'

/** An entity, by the namespace of its router. */
export type EntityRow = RouterEntity & {
  readonly namespace: string
  /** The bundle of TLS credentials of a profile, or of an endpoint's profile. */
  readonly bundle?: string
  /** Of the tcpListener of a listener's target. */
  readonly exposes?: { readonly listener: string; readonly target: string }
}

export const entityOf = ({ namespace: _, bundle: __, exposes: ___, ...entity }: EntityRow): RouterEntity => entity

/** A listener with exposePodsByName: each target on the network has a tcpListener of its own. */
export interface ExposingListener {
  readonly namespace: string
  readonly name: string
  readonly spec: ListenerSpec
}

export interface RouterConfigRows {
  readonly sites: ConfiguredSite
  /** Those of listeners and connectors by their stream. */
  readonly entities: EntityRow
  readonly exposing: ExposingListener
  /** Connectors seen by a namespace's router whose routing key may have a target. */
  readonly targets: { readonly namespace: string; readonly routingKey: string }
  /** Profiles to remove from a namespace's router. */
  readonly retired: { readonly namespace: string; readonly name: string }
  /** By namespace; the router's folder of TLS credentials, unless it is the default. */
  readonly certificates: { readonly namespace: string; readonly folder: string }
}

export type RouterConfigDraft = Draft<RouterConfigRows>

/** Puts an entity; undefined removes it. */
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
