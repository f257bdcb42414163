import { listenerEntityName } from '../entities/managed-entity.ts'
import type { SiteState } from '../site-state.ts'

/** Where an entity of a router is to listen. */
export interface ListeningPlace {
  /** The name of the entity. */
  readonly name: string
  readonly host: string
  readonly port: string
}

/**
 * Which other listener of the site, or target of one, is to listen in the same place. Claims keep listeners from that; of
 * targets only the network knows, and they come when it is too late to refuse anything.
 */
export const holderOf = (
  view: Pick<SiteState, 'exposing' | 'targetsOf' | 'listeners'>,
  place: ListeningPlace,
): string | undefined => {
  const isThere = ({ name, host, port }: ListeningPlace) =>
    name !== place.name && host === place.host && port === place.port
  for (const { name: listener } of view.exposing()) {
    const found = view.targetsOf(listener).find(isThere)
    if (found !== undefined) return `target ${found.target} of listener ${listener}`
  }
  for (const { name, spec } of view.listeners()) {
    if (isThere({ name: listenerEntityName(name), host: spec.host, port: `${spec.port}` })) return `listener ${name}`
  }
  return undefined
}
