import { statusColour } from '../output/colour.ts'
import { MORE, NAME, statusText } from './columns.ts'
import { METADATA_FIELDS, type Resource, type ResourceKind, withoutNulls } from './resource.ts'

export interface Site extends Resource {
  readonly router: {
    readonly connection: string
    readonly id: string | null
    readonly url: string | null
    readonly message: string
    readonly since: string
  }
}

const LIST = `query Sites {
  sites { apiVersion kind ${METADATA_FIELDS} spec router { connection id url message since } }
}`

export const sites: ResourceKind<Site> = {
  kind: 'Site',
  singular: 'site',
  plural: 'sites',
  hasPast: false,
  aliases: [],
  columns: [
    NAME,
    { title: 'ROUTER', value: site => statusText(site, site.router.connection), colour: statusColour },
    { title: 'MESSAGE', value: ({ router }) => router.message },
  ],
  wideColumns: [
    ...MORE,
    { title: 'ROUTER-ID', value: ({ router }) => router.id },
    { title: 'URL', value: ({ router }) => router.url },
  ],
  list: async (client, { namespace, name }) => {
    const { sites: all } = await client.request<{ sites: Site[] }>({ query: LIST })
    return all.filter(
      ({ metadata }) =>
        (namespace === undefined || metadata.namespace === namespace) && (name === undefined || metadata.name === name),
    )
  },
  live: () => ({ operation: { query: 'subscription Events { events { position } }' } }),
  manifest: ({ apiVersion, kind, metadata, spec, router }) => ({
    apiVersion,
    kind,
    metadata,
    spec: withoutNulls(spec),
    status: { router: withoutNulls(router) },
  }),
}
