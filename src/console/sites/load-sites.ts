import { SitesDocument, type SitesQuery } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { useLoad } from '../api/use-query.ts'
import { namespaceArguments } from '../api/viewer.ts'
import { at } from '../routes/navigation.ts'
import { momentOf } from '../routes/route.ts'
import { version } from '../time/log.ts'

export type SiteRow = SitesQuery['sites'][number]

export const useSites = () => {
  const moment = momentOf(at.value)
  return useLoad(`${at.value}`, version.value, async (stop): Promise<readonly SiteRow[]> => {
    const scopes = namespaceArguments.peek().map(scope => ({ ...scope, ...(moment && { at: moment }) }))
    return (await Promise.all(scopes.map(scope => request(SitesDocument, scope, stop)))).flatMap(({ sites }) => sites)
  })
}
