import type { EventType } from '../../../schemas/events/events.ts'
import type { Client } from '../client/client.ts'
import { type Connection, pages } from '../client/pagination.ts'
import type { Moment } from '../moment.ts'

/** An event as the API gives it. */
export interface EventRecord {
  readonly position: string
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly type: string
  readonly time: string
  readonly data: Readonly<Record<string, unknown>>
  readonly actor: string
  readonly correlationId: string
  readonly causationId: string | null
}

export interface EventScope {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly types?: readonly string[] | undefined
  readonly from?: Moment | undefined
  readonly to?: Moment | undefined
}

const EVENTS = `query Events(
  $namespace: String, $name: String, $types: [String!], $from: Moment, $to: Moment, $after: Position
) {
  events(namespace: $namespace, name: $name, types: $types, from: $from, to: $to, first: 500, after: $after) {
    edges { node { position stream revision id type time data actor correlationId causationId } }
    pageInfo { hasNextPage endCursor }
  }
}`

/** What is told of a resource: by whoever changed it, and by the router. */
const TYPES = {
  Listener: [
    'ListenerCreated',
    'RoutingKeyUpdated',
    'HostUpdated',
    'PortUpdated',
    'ListenerDeleted',
    'ListenerAccepted',
    'ListenerRefused',
    'ListenerOpened',
    'ListenerFailedToOpen',
    'ListenerDrifted',
    'ListenerCredentialsUnfit',
    'ListenerReached',
    'ListenerNotReached',
    'ListenerProbeInconclusive',
  ],
  Connector: [
    'ConnectorCreated',
    'ConnectorUpdated',
    'ConnectorDeleted',
    'ConnectorAccepted',
    'ConnectorRefused',
    'ConnectorDrifted',
    'ConnectorCredentialsUnfit',
  ],
} as const satisfies Readonly<Record<string, readonly EventType[]>>

/** Events, oldest first, a page at a time. */
export const eventPages = (client: Client, scope: EventScope): AsyncGenerator<EventRecord[]> =>
  pages(async after => {
    const operation = { query: EVENTS, variables: { ...scope, after } }
    return (await client.request<{ events: Connection<EventRecord> }>(operation)).events
  })

/** The events about one resource; they are there though it was deleted, and go on where its name is used again. */
export const resourceEvents = (kind: keyof typeof TYPES, namespace: string, name: string): EventScope => ({
  namespace,
  name,
  types: TYPES[kind],
})
