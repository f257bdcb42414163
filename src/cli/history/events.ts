import type { EventType } from '../../../schemas/events/events.ts'
import type { Client } from '../client/client.ts'
import { type EventFragment, EventsDocument, type EventsQueryVariables } from '../client/generated.ts'
import { pages } from '../client/pagination.ts'

/** The types of events about one resource: changes of its spec, and what its router reports. */
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
export const eventPages = (client: Client, scope: EventsQueryVariables): AsyncGenerator<EventFragment[]> =>
  pages(async after => (await client.request(EventsDocument, { ...scope, after })).events)

/** Selects the events about one resource, also of deleted and later resources of that name. */
export const resourceEvents = (kind: string, namespace: string, name: string): EventsQueryVariables => ({
  namespace,
  name,
  types: TYPES[kind as keyof typeof TYPES],
})
