import type { QueriedTable } from '../../../projections/kit/table.ts'
import type { ConnectorCandidate } from '../../../projections/listener-status.ts'
import { seenKey } from '../../../projections/shared/match-status.ts'
import type { SiteRow } from '../../../projections/sites.ts'
import { compareText } from '../../lib/compare.ts'

export interface ReachedSite {
  readonly site: string
  readonly connectors: number
  /** Absent if no site with this name is declared. */
  readonly namespace?: string
}

/** From the connectors that its router reports, without the site itself. */
export const reachedSites = (
  connectors: QueriedTable<ConnectorCandidate>,
  sites: QueriedTable<SiteRow>,
  { namespace, name: own }: Pick<SiteRow, 'namespace' | 'name'>,
): ReachedSite[] => {
  const counts = new Map<string, number>()
  for (const key of connectors.keysWithPrefix(seenKey(namespace, ''))) {
    const site = connectors.get(key)?.site
    if (site !== undefined && site !== own) counts.set(site, (counts.get(site) ?? 0) + 1)
  }
  const namespaceOf = new Map(sites.sortedKeys().map(key => [sites.get(key)?.name, key]))
  return [...counts]
    .sort(([a], [b]) => compareText(a, b))
    .map(([site, count]) => {
      const declaredIn = namespaceOf.get(site)
      return { site, connectors: count, ...(declaredIn !== undefined && { namespace: declaredIn }) }
    })
}
