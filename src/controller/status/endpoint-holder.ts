import { listenerEntityName } from '../entities/managed-entity.ts'
import type { SiteState } from '../site-state.ts'

export interface ListeningEndpoint {
  readonly name: string
  readonly host: string
  readonly port: string
}

/**
 * The other listener or target on the same endpoint. Reservations exclude this for listeners; targets are found too late to
 * reject.
 */
export const otherHolderOf = (
  site: Pick<SiteState, 'exposing' | 'targetsOf' | 'listeners'>,
  endpoint: ListeningEndpoint,
): string | undefined => {
  const isSame = ({ name, host, port }: ListeningEndpoint) =>
    name !== endpoint.name && host === endpoint.host && port === endpoint.port
  for (const { name: listener } of site.exposing()) {
    const found = site.targetsOf(listener).find(isSame)
    if (found !== undefined) return `target ${found.target} of listener ${listener}`
  }
  for (const { name, spec } of site.listeners()) {
    if (isSame({ name: listenerEntityName(name), host: spec.host, port: `${spec.port}` })) return `listener ${name}`
  }
  return undefined
}
