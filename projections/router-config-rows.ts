import type { ListenerSpec } from '../schemas/listener.ts'
import type { RouterEntity } from '../schemas/router-entities.ts'
import { type ConfiguredSite, sslProfile } from './configured-entities.ts'
import type { Draft } from './draft.ts'

/** An entity with the namespace of the router that is to have it. */
export type EntityRow = RouterEntity & { readonly namespace: string }

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
}

export type Config = Draft<RouterConfigRows>

/** Under what the profile of a namespace's router stands among its entities. */
export const profileKey = (namespace: string, name: string): string => `profile-${namespace}.${name}`

export const credentialsIndex = (namespace: string, credentials: string): string => `${namespace}/${credentials}`

/** Puts what is there and removes what is not: `entity` is undefined where the router is to have none of that name. */
export const setEntity = (config: Config, key: string, namespace: string, entity: RouterEntity | undefined): void => {
  const profileBefore = profileOf(config.get('entities', key))
  const profile = profileOf(entity)
  if (entity === undefined) config.remove('entities', key)
  else config.put('entities', key, { ...entity, namespace })
  if (profile !== undefined) setProfile(config, namespace, profile)
  if (profileBefore !== undefined && profileBefore !== profile) setProfile(config, namespace, profileBefore)
}

export const profileOf = (entity: RouterEntity | undefined): string | undefined =>
  entity !== undefined && 'sslProfile' in entity.attributes ? entity.attributes.sslProfile : undefined

/** One profile a name, for as long as something uses it. */
const setProfile = (config: Config, namespace: string, name: string): void => {
  const profile = sslProfile(name)
  const key = profileKey(namespace, name)
  const used = config.hasAny('entities', 'credentials', credentialsIndex(namespace, name))
  const there = config.get('entities', key) !== undefined
  if (used && !there) {
    config.put('entities', key, { ...profile, namespace })
    if (config.get('retired', key) !== undefined) config.remove('retired', key)
  }
  if (!used && there) {
    config.remove('entities', key)
    config.put('retired', key, { namespace, name })
  }
}
