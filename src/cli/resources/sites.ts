import {
  DeleteSiteDocument,
  PositionsDocument,
  type SiteFragment,
  SitesDocument,
  UpdateSiteMetadataDocument,
} from '../client/generated.ts'
import { statusColour } from '../output/colour.ts'
import { NAME, type Resource, type ResourceKind, statusText, WIDE_COLUMNS, withoutNulls } from './resource.ts'

type Site = SiteFragment & Resource

export const sites: ResourceKind<Site> = {
  kind: 'Site',
  aliases: ['st'],
  columns: [NAME, { title: 'ROUTER', value: site => statusText(site, site.router.connection), colour: statusColour }],
  message: { title: 'MESSAGE', value: ({ router }) => router.message },
  wideColumns: [
    ...WIDE_COLUMNS,
    { title: 'ROUTER-ID', value: ({ router }) => router.id },
    { title: 'URL', value: ({ router }) => router.url },
  ],
  deletion: DeleteSiteDocument,
  metadataUpdate: UpdateSiteMetadataDocument,
  list: async (client, { namespace, name, labelSelector, at }) => {
    const all = (await client.request(SitesDocument, { namespace, labelSelector, at })).sites
    return all.filter(({ metadata }) => name === undefined || metadata.name === name)
  },
  live: () => ({ request: { query: PositionsDocument.query, variables: {} } }),
  status: ({ router }) => ({ router: withoutNulls(router) }),
}
