import type { Client } from '../client/client.ts'
import { connectionNotes } from '../client/connection-messages.ts'
import {
  type EventFragment,
  EventStreamDocument,
  type EventStreamSubscription,
  type EventsQueryVariables,
} from '../client/generated.ts'
import { follow } from '../client/subscribe.ts'
import { note } from '../output/print.ts'

export const followEvents = async (
  client: Client,
  { namespace, name, types }: EventsQueryVariables,
  position: string,
  show: (events: readonly EventFragment[]) => Promise<void>,
): Promise<void> => {
  const variables = { namespace, name, types, from: { position } }
  const notes = connectionNotes(client, note)
  const follower = {
    connected: notes.connected,
    lost: notes.lost,
    next: ({ events: event }: EventStreamSubscription) => {
      variables.from = { position: event.position }
      void show([event])
    },
  }
  await follow(client, { query: EventStreamDocument.query, variables }, follower, new AbortController().signal)
}
