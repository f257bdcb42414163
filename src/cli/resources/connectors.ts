import { type Connection, collect, pages } from '../client/pagination.ts'
import { statusColour } from '../output/colour.ts'
import { MORE, NAME, statusText } from './columns.ts'
import {
  CONDITIONS_FIELDS,
  type Condition,
  METADATA_FIELDS,
  type Resource,
  type ResourceKind,
  withoutNulls,
} from './resource.ts'

export interface Connector extends Resource {
  readonly spec: {
    readonly routingKey: string
    readonly host: string | null
    readonly selector: string | null
    readonly port: number
    readonly type: string
    readonly tlsCredentials: string | null
    readonly useClientCert: boolean
    readonly verifyHostname: boolean
    readonly exposePodsByName: boolean
    readonly includeNotReadyPods: boolean
    readonly settings: Readonly<Record<string, string>>
  }
  readonly status: {
    readonly status: string
    readonly message: string
    readonly hasMatchingListener: boolean
    readonly conditions: readonly Condition[]
  }
}

const FIELDS = `
  fragment ConnectorFields on Connector {
    apiVersion kind ${METADATA_FIELDS}
    spec {
      routingKey host selector port type tlsCredentials useClientCert verifyHostname exposePodsByName
      includeNotReadyPods settings
    }
    status { status message hasMatchingListener ${CONDITIONS_FIELDS} }
  }`

const ONE = `query Connector($namespace: String!, $name: String!, $at: Moment) {
  connector(namespace: $namespace, name: $name, at: $at) { ...ConnectorFields }
} ${FIELDS}`

const LIST = `query Connectors($namespace: String, $at: Moment, $after: String) {
  connectors(namespace: $namespace, at: $at, first: 100, after: $after) {
    edges { node { ...ConnectorFields } }
    pageInfo { hasNextPage endCursor }
  }
} ${FIELDS}`

export const connectors: ResourceKind<Connector> = {
  kind: 'Connector',
  singular: 'connector',
  plural: 'connectors',
  hasPast: true,
  aliases: ['cnr'],
  columns: [
    NAME,
    { title: 'STATUS', value: connector => statusText(connector, connector.status.status), colour: statusColour },
    { title: 'ROUTING-KEY', value: ({ spec }) => spec.routingKey },
    { title: 'HOST', value: ({ spec }) => spec.host },
    { title: 'SELECTOR', value: ({ spec }) => spec.selector },
    { title: 'PORT', value: ({ spec }) => spec.port },
    { title: 'HAS-LISTENER', value: ({ status }) => status.hasMatchingListener },
  ],
  wideColumns: [...MORE, { title: 'MESSAGE', value: ({ status }) => status.message }],
  list: async (client, { namespace, name, at }) => {
    if (name !== undefined) {
      const { connector } = await client.request<{ connector: Connector | null }>({
        query: ONE,
        variables: { namespace, name, at },
      })
      return connector === null ? [] : [connector]
    }
    return collect(
      pages(async after => {
        const operation = { query: LIST, variables: { namespace, at, after } }
        return (await client.request<{ connectors: Connection<Connector> }>(operation)).connectors
      }),
    )
  },
  // A connector's status also depends on listeners of any namespace and on routers: any event may concern it.
  live: () => ({ operation: { query: 'subscription Events { events { position } }' } }),
  manifest: ({ apiVersion, kind, metadata, spec, status }) => ({
    apiVersion,
    kind,
    metadata,
    spec: withoutNulls(spec),
    status,
  }),
}
