import type { QueriedTable } from '../../../projections/kit/table.ts'
import {
  matchingConnectors as candidatesFor,
  type ListenerRow,
  type ListenerStatusRows,
} from '../../../projections/listener-status.ts'
import type { SiteRow } from '../../../projections/sites.ts'
import { compareText } from '../../lib/compare.ts'

export interface MatchingConnector {
  readonly namespace?: string | undefined
  readonly routingKey: string
  readonly site?: string | undefined
  readonly name?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly since: string
}

export interface MatchTables {
  readonly listenerStatus: { readonly [Name in 'connectors' | 'routers']: QueriedTable<ListenerStatusRows[Name]> }
  readonly sites: { readonly sites: QueriedTable<SiteRow> }
}

const byAgeSiteAndName = (a: MatchingConnector, b: MatchingConnector): number =>
  compareText(a.since, b.since) ||
  compareText(String(a.site), String(b.site)) ||
  compareText(String(a.name), String(b.name))

export const matchingConnectors = ({ listenerStatus, sites }: MatchTables, row: ListenerRow): MatchingConnector[] =>
  candidatesFor(listenerStatus, row)
    .map(({ seenFrom: _, namespace, site, ...connector }): MatchingConnector => {
      const declared = namespace === undefined ? undefined : (sites.sites.get(namespace)?.name ?? namespace)
      const at = site ?? declared
      return { ...connector, ...(namespace && { namespace }), ...(at && { site: at }) }
    })
    .sort(byAgeSiteAndName)
