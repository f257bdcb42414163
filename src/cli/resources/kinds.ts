import type { Kind } from '../../../schemas/resources/kinds.ts'
import { alternatives } from '../output/text.ts'
import { connectors } from './connectors.ts'
import { listeners } from './listeners.ts'
import { multiKeyListeners } from './multi-key-listeners.ts'
import { type ConditionedKind, plural, type ResourceKind, singular } from './resource.ts'
import { sites } from './sites.ts'

export const BY_KIND: Readonly<Record<Kind, ResourceKind | ConditionedKind>> = {
  Listener: listeners,
  Connector: connectors,
  MultiKeyListener: multiKeyListeners,
  Site: sites,
}

export const KINDS = Object.values(BY_KIND)

export const isConditioned = (kind: ResourceKind): kind is ConditionedKind => 'creation' in kind

export const CONDITIONED_KINDS = KINDS.filter(isConditioned)

type NamedKind = Pick<ResourceKind, 'kind'>

/** `a listener or a connector` */
export const aKind = (kinds: readonly NamedKind[]): string => alternatives(kinds.map(kind => `a ${singular(kind)}`))

/** `listeners, connectors or sites` */
export const pluralsOf = (kinds: readonly NamedKind[]): string => alternatives(kinds.map(plural))
