import { isOfSameRouter } from '../reports/endpoint-index.ts'
import type { ReportContext } from './kind.ts'

/** No link, and every connector with one of the routing keys is at another router. */
export const isCutOff = ({ isAlone, network, site, index }: ReportContext, routingKeys: readonly string[]): boolean => {
  // A new connector shows a link before the router is queried for links.
  if (!isAlone()) return false
  const id = site.connection()?.id
  const own = [...network.routers()].find(({ name }) => id !== undefined && name?.endsWith(`/${id}`))
  const connectors = routingKeys.flatMap(key => [...index.identities('connector', key)])
  return own !== undefined && connectors.length > 0 && !connectors.some(each => isOfSameRouter(each, own.identity))
}
