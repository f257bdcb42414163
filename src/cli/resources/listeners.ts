import { type Connection, collect, pages } from '../client/pagination.ts'
import { statusColour } from '../output/colour.ts'
import { MORE, NAME, statusText } from './columns.ts'
import {
  type Change,
  CONDITIONS_FIELDS,
  type Condition,
  METADATA_FIELDS,
  type Resource,
  type ResourceKind,
  withoutNulls,
} from './resource.ts'

export interface MatchingConnector {
  readonly routingKey: string
  readonly site: string | null
  readonly name: string | null
  readonly host: string | null
  readonly port: string | null
  readonly since: string
}

export interface Listener extends Resource {
  readonly spec: {
    readonly routingKey: string
    readonly host: string
    readonly port: number
    readonly type: string
    readonly exposePodsByName: boolean
    readonly tlsCredentials: string | null
    readonly settings: Readonly<Record<string, string>>
  }
  readonly status: {
    readonly status: string
    readonly message: string
    readonly hasMatchingConnector: boolean
    readonly conditions: readonly Condition[]
  }
  readonly matchingConnectors: readonly MatchingConnector[]
}

const FIELDS = `
  fragment ListenerFields on Listener {
    apiVersion kind ${METADATA_FIELDS}
    spec { routingKey host port type exposePodsByName tlsCredentials settings }
    status { status message hasMatchingConnector ${CONDITIONS_FIELDS} }
    matchingConnectors { routingKey site name host port since }
  }`

const ONE = `query Listener($namespace: String!, $name: String!, $at: Moment) {
  listener(namespace: $namespace, name: $name, at: $at) { ...ListenerFields }
} ${FIELDS}`

const LIST = `query Listeners($namespace: String, $at: Moment, $after: String) {
  listeners(namespace: $namespace, at: $at, first: 100, after: $after) {
    edges { node { ...ListenerFields } }
    pageInfo { hasNextPage endCursor }
  }
} ${FIELDS}`

const CHANGE_FIELDS = 'time namespace name listener { ...ListenerFields }'

const WATCH_ONE = `subscription Listener($namespace: String!, $name: String!) {
  change: listener(namespace: $namespace, name: $name) { ${CHANGE_FIELDS} }
} ${FIELDS}`

const WATCH = `subscription Listeners($namespace: String) {
  change: listeners(namespace: $namespace) { ${CHANGE_FIELDS} }
} ${FIELDS}`

const changeOf = ({
  change: { listener, ...about },
}: {
  change: Omit<Change<Listener>, 'resource'> & { listener: Listener | null }
}): Change<Listener> => ({ ...about, resource: listener })

export const listeners: ResourceKind<Listener> = {
  kind: 'Listener',
  singular: 'listener',
  plural: 'listeners',
  hasPast: true,
  aliases: ['lnr'],
  columns: [
    NAME,
    { title: 'STATUS', value: listener => statusText(listener, listener.status.status), colour: statusColour },
    { title: 'ROUTING-KEY', value: ({ spec }) => spec.routingKey },
    { title: 'HOST', value: ({ spec }) => spec.host },
    { title: 'PORT', value: ({ spec }) => spec.port },
    { title: 'CONNECTORS', value: ({ matchingConnectors }) => matchingConnectors.length },
  ],
  wideColumns: [...MORE, { title: 'MESSAGE', value: ({ status }) => status.message }],
  list: async (client, { namespace, name, at }) => {
    if (name !== undefined) {
      const { listener } = await client.request<{ listener: Listener | null }>({
        query: ONE,
        variables: { namespace, name, at },
      })
      return listener === null ? [] : [listener]
    }
    return collect(
      pages(async after => {
        const operation = { query: LIST, variables: { namespace, at, after } }
        return (await client.request<{ listeners: Connection<Listener> }>(operation)).listeners
      }),
    )
  },
  live: ({ namespace, name }) => ({
    operation: { query: name === undefined ? WATCH : WATCH_ONE, variables: { namespace, name } },
    change: changeOf,
  }),
  manifest: ({ apiVersion, kind, metadata, spec, status }) => ({
    apiVersion,
    kind,
    metadata,
    spec: withoutNulls(spec),
    status,
  }),
}
