import type { Kind } from '../../../schemas/resources/kinds.ts'
import type { Client } from '../client/client.ts'
import {
  type EventFragment,
  EventsDocument,
  type EventsQueryVariables,
  LastEventsDocument,
  type LastEventsQueryVariables,
} from '../client/generated.ts'
import { pages } from '../client/pagination.ts'

export const eventPages = (client: Client, scope: EventsQueryVariables): AsyncGenerator<EventFragment[]> =>
  pages(async after => (await client.request(EventsDocument, { ...scope, after })).events)

export const lastEvents = async function* (
  client: Client,
  scope: LastEventsQueryVariables,
): AsyncGenerator<EventFragment[]> {
  const { events } = await client.request(LastEventsDocument, scope)
  yield events.edges.map(({ node }) => node)
}

export const resourceTypes = async (kind: string): Promise<readonly string[]> => {
  const { eventTypesAbout } = await import('../../../schemas/events/events.ts')
  return eventTypesAbout(kind as Kind)
}

export const resourceEvents = async (kind: string, namespace: string, name: string): Promise<EventsQueryVariables> => ({
  namespace,
  name,
  types: await resourceTypes(kind),
})

export const siteEvents = async (namespace: string): Promise<EventsQueryVariables> => {
  const { eventTypesIn } = await import('../../../schemas/events/events.ts')
  return { namespace, types: eventTypesIn('site', 'siteMetadata', 'connection', 'driver') }
}
