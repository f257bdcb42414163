import { notObserved } from '../../../projections/shared/observation.ts'
import { type SiteRow, type SitesRows, sites } from '../../../projections/sites.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { site } from '../../domain/site.ts'
import type { ResourceModel } from './resource-model.ts'

export const siteModel = {
  decider: site,
  model: 'sites',
  projection: sites,
  table: 'sites',
  related: ['undeclared', 'routers'],
  key: namespace => namespace,
  unobserved: {
    routers: (row, since) =>
      row.connection === 'Detached'
        ? row
        : { ...row, connection: 'Connecting', message: notObserved(since).message, since, unobservedSince: since },
  },
  past: (row: SiteRow, asOf: Position) => ({ ...row, asOf }),
} as const satisfies ResourceModel<SitesRows>
