import { detached, type RouterConnection } from '../../../../projections/shared/router-connection.ts'
import type { SiteRow } from '../../../../projections/sites.ts'
import { labelSelector } from '../../../../schemas/resources/label-selector.ts'
import { hasPermission } from '../../../auth/roles.ts'
import type { PastSite } from '../../../engine/history/types.ts'
import { laneStatusOfRouter } from '../../../engine/overview/lane-status.ts'
import type { SiteChange } from '../../../engine/subscriptions/types.ts'
import type { OperationContext } from '../context.ts'
import type { QuerySitesArgs } from '../generated.ts'
import { omitNulls, readMoment } from '../inputs.ts'
import { afterCommand, type ResolverServices, resourceFields } from './shared.ts'
import { changeFields } from './subscriptions.ts'

/** Subscriptions emit a past site without what it reaches. */
type AnySite = SiteRow & Partial<PastSite>

export const siteResolvers = ({ engine }: ResolverServices) => {
  const reachedThen = async ({ namespace, asOf: position }: AnySite, context: OperationContext) => {
    if (position === undefined) return []
    const sites = await context.read(async () => (await engine.read.past({ position })).sites())
    return sites.find(site => site.namespace === namespace)?.reaches ?? []
  }

  return {
    Query: {
      sites: async (_: unknown, args: QuerySitesArgs, context: OperationContext) => {
        const { namespace, labelSelector: selector, at } = omitNulls(args)
        const isSelected = labelSelector(selector ?? '')
        const all =
          at === undefined
            ? engine.read.sites()
            : await context.read(async () => (await engine.read.past(readMoment(at, 'at'))).sites())
        const sites = all.filter(
          site => (namespace === undefined || site.namespace === namespace) && isSelected(site.labels),
        )
        context.countRows(sites.length)
        return sites
      },
    },
    Site: {
      ...resourceFields('Site'),
      router: (site: AnySite) => site.router ?? engine.read.router(site),
      reaches: async (site: AnySite, _: unknown, context: OperationContext) => {
        const past = site.asOf === undefined ? undefined : (site.reaches ?? (await reachedThen(site, context)))
        const reached = (past ?? engine.read.reachedSites(site)).filter(
          ({ namespace }) => namespace === undefined || hasPermission(context.principal, 'read', namespace),
        )
        context.countRows(reached.length)
        return reached
      },
    },
    RouterState: { state: ({ connection }: RouterConnection) => connection, laneStatus: laneStatusOfRouter },
    SitePayload: { site: afterCommand },
    SiteChange: {
      ...changeFields,
      site: ({ row, router }: SiteChange) => row && { ...row, router: router ?? detached(row.creationTimestamp) },
    },
  }
}
