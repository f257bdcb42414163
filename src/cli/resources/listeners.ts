import {
  AllListenerChangesDocument,
  ListenerChangesDocument,
  type ListenerChangesSubscription,
  ListenerDocument,
  type ListenerFragment,
  ListenersDocument,
} from '../client/generated.ts'
import { collect, pages } from '../client/pagination.ts'
import { statusColour } from '../output/colour.ts'
import { type Change, NAME, type Resource, type ResourceKind, statusText, WIDE_COLUMNS } from './resource.ts'

export type Listener = ListenerFragment & Resource

export const listeners: ResourceKind<Listener> = {
  kind: 'Listener',
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
  wideColumns: [...WIDE_COLUMNS, { title: 'MESSAGE', value: ({ status }) => status.message }],
  list: async (client, { namespace, name, at }) => {
    if (namespace !== undefined && name !== undefined) {
      const { listener } = await client.request(ListenerDocument, { namespace, name, at })
      return listener === null ? [] : [listener]
    }
    return collect(pages(async after => (await client.request(ListenersDocument, { namespace, at, after })).listeners))
  },
  live: ({ namespace, name }) => ({
    request: {
      query: (name === undefined ? AllListenerChangesDocument : ListenerChangesDocument).query,
      variables: { namespace, name },
    },
    change: ({ change: { listener, ...about } }: ListenerChangesSubscription): Change<Listener> => ({
      ...about,
      resource: listener,
    }),
  }),
  status: ({ status }) => status,
}
