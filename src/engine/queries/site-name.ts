import type { QueriedTable } from '../../../projections/kit/table.ts'
import type { FormerName, SiteRow } from '../../../projections/sites.ts'

export interface SiteTables {
  readonly sites: QueriedTable<SiteRow>
  readonly renamed: QueriedTable<FormerName>
}

/** The present name of a site that routers may report under a former one. */
export const presentName = ({ sites, renamed }: SiteTables, reported: string): string => {
  const former = renamed.get(reported)
  return (former && sites.get(former.namespace)?.name) ?? reported
}
