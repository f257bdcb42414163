import type { Client } from '../client/client.ts'
import {
  DeleteSiteDocument,
  type ReachedFragment,
  ReachedSitesDocument,
  type SiteFragment,
  SiteSignalsDocument,
  SitesDocument,
  UpdateSiteMetadataDocument,
} from '../client/generated.ts'
import type { Moment } from '../moment.ts'
import { statusColour } from '../output/colour.ts'
import type { Column } from '../output/table.ts'
import { NAME, type Resource, type ResourceKind, statusText, WIDE_COLUMNS, withoutNulls } from './resource.ts'

export type Site = SiteFragment & Resource

export const isSite = (resource: Resource): resource is Site => 'router' in resource

/** Error if another controller reverts the configuration. */
export const siteStatus = ({ connection, message }: Site['router']): 'Ready' | 'Pending' | 'Error' => {
  if (connection !== 'Connected') return 'Pending'
  return message === 'OK' ? 'Ready' : 'Error'
}

/** The site may be gone by now. */
export const reachedSites = async (
  client: Client,
  { metadata: { namespace } }: Site,
  at: Moment | undefined,
): Promise<readonly ReachedFragment[]> => {
  const { sites: found } = await client.request(ReachedSitesDocument, { namespace, at })
  return found.flatMap(({ reaches }) => reaches)
}

const ROUTER: Column<Site> = {
  title: 'ROUTER',
  value: site => statusText(site, site.router.connection),
  colour: statusColour,
}

const STATUS: Column<Site> = {
  title: 'STATUS',
  value: site => statusText(site, siteStatus(site.router)),
  colour: statusColour,
}

export const sites: ResourceKind<Site> = {
  kind: 'Site',
  columns: [NAME, ROUTER],
  statusColumns: [NAME, STATUS, ROUTER],
  message: { title: 'MESSAGE', value: ({ router }) => router.message },
  wideColumns: [
    ...WIDE_COLUMNS,
    { title: 'ROUTER-ID', value: ({ router }) => router.id },
    { title: 'URL', value: ({ router }) => router.url },
  ],
  deletion: DeleteSiteDocument,
  metadataUpdate: UpdateSiteMetadataDocument,
  selectableFields: ['spec.linkAccess', 'status.router.connection', 'status.router.id'],
  list: async (client, { namespace, name, labelSelector, at }) => {
    const all = (await client.request(SitesDocument, { namespace, labelSelector, at })).sites
    return all.filter(({ metadata }) => name === undefined || metadata.name === name)
  },
  live: ({ namespace }) => ({ request: { query: SiteSignalsDocument.query, variables: { namespace } } }),
  status: ({ router }) => ({ status: siteStatus(router), message: router.message, router: withoutNulls(router) }),
}
