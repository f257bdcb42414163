import type { SiteRow } from '../../../projections/sites.ts'
import type { OperationContext } from '../operation-context.ts'
import { resourceFields } from './metadata.ts'
import type { Services } from './services.ts'

export const siteResolvers = ({ engine }: Services) => ({
  Query: {
    sites: (_: unknown, _arguments: unknown, context: OperationContext) => {
      const sites = engine.read.sites()
      context.takeRows(sites.length)
      return sites
    },
  },
  Site: {
    ...resourceFields('Site'),
    router: (row: SiteRow) => engine.read.router(row),
  },
})
