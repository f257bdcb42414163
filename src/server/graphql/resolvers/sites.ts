import type { SiteRow } from '../../../../projections/sites.ts'
import type { OperationContext } from '../context.ts'
import type { Optional } from '../inputs/omit-nulls.ts'
import { resourceFields } from './metadata.ts'
import type { Services } from './services.ts'

export const siteResolvers = ({ engine }: Services) => ({
  Query: {
    sites: (_: unknown, { namespace }: { namespace?: Optional<string> }, context: OperationContext) => {
      const all = engine.read.sites()
      const sites = namespace == null ? all : all.filter(site => site.namespace === namespace)
      context.takeRows(sites.length)
      return sites
    },
  },
  Site: {
    ...resourceFields('Site'),
    router: (row: SiteRow) => engine.read.router(row),
  },
})
