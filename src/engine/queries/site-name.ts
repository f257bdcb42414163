import type { QueriedTable } from '../../../projections/kit/table.ts'
import type { FormerName, SiteRow } from '../../../projections/sites.ts'

export interface SiteTables {
  readonly sites: QueriedTable<SiteRow>
  readonly renamed: QueriedTable<FormerName>
}

/** Routers may report a former name. */
export const presentName = ({ sites, renamed }: SiteTables, reported: string): string => {
  const former = renamed.get(reported)
  return (former && sites.get(former.namespace)?.name) ?? reported
}
