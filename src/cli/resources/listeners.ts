import { Option } from 'commander'
import {
  AllListenerChangesDocument,
  CreateListenerDocument,
  DeleteListenerDocument,
  ListenerChangesDocument,
  type ListenerChangesSubscription,
  ListenerDocument,
  type ListenerFragment,
  ListenersDocument,
  UpdateHostDocument,
  UpdateListenerMetadataDocument,
  UpdatePortDocument,
  UpdateRoutingKeyDocument,
} from '../client/generated.ts'
import { port } from '../options.ts'
import { type Change, CONDITIONED, type ConditionedKind, listing, type Resource, typeOption } from './resource.ts'

export type Listener = ListenerFragment & Resource

const changeOf = ({ change }: ListenerChangesSubscription): Change<Listener> | undefined => {
  const { type, listener, ...about } = change
  return type === 'Bookmark' ? undefined : { ...about, resource: listener }
}

export const listeners: ConditionedKind<Listener> = {
  ...CONDITIONED,
  kind: 'Listener',
  columns: [
    ...CONDITIONED.nameAndStatus,
    { title: 'ROUTING-KEY', value: ({ spec }) => spec.routingKey },
    { title: 'HOST', value: ({ spec }) => spec.host },
    { title: 'PORT', value: ({ spec }) => spec.port },
    { title: 'CONNECTORS', value: ({ matchingConnectors }) => matchingConnectors.length },
  ],
  list: listing(
    async (client, scope) => (await client.request(ListenerDocument, scope)).listener,
    async (client, scope) => (await client.request(ListenersDocument, scope)).listeners,
  ),
  live: ({ namespace, name, labelSelector }) => ({
    request: {
      query: (name === undefined ? AllListenerChangesDocument : ListenerChangesDocument).query,
      variables: { namespace, name },
    },
    ...(labelSelector === undefined && { change: changeOf }),
  }),
  creation: CreateListenerDocument,
  deletion: DeleteListenerDocument,
  metadataUpdate: UpdateListenerMetadataDocument,
  selectableFields: ['spec.routingKey', 'spec.host', 'spec.port', 'spec.type', 'spec.tlsCredentials'],
  updates: {
    options: [
      new Option('-r, --routing-key <key>', 'the key that it shares with its connectors'),
      new Option('--host <host>', 'the host name or IP address that clients of this site connect to'),
      new Option('--port <port>', 'the port that clients of this site connect to').argParser(port),
    ],
    mutations: { routingKey: UpdateRoutingKeyDocument, host: UpdateHostDocument, port: UpdatePortDocument },
    examples: [
      'hark update listener backend --port 9090 -n west',
      'hark update listener backend --host backend.internal --port 9090 --wait',
    ],
  },
  portDescription: 'the port that clients of this site connect to',
  options: [
    new Option('-r, --routing-key <key>', 'the key that it shares with its connectors (default: the name)'),
    new Option('--host <host>', 'the host name or IP address that clients of this site connect to (default: the name)'),
    new Option('--tls-credentials <name>', 'the bundle of TLS certificates that it presents'),
    new Option('--observer <protocol>', 'the protocol to observe: auto, none, http1 or http2 (default: auto)'),
    new Option('--expose-pods-by-name', 'make each pod a service of its own'),
    typeOption(),
  ],
  examples: {
    create: [
      'hark create listener backend 8080 -n west',
      'hark create listener db 5432 --routing-key postgres --host db.internal',
    ],
    generate: [
      'hark generate listener backend 8080 > backend.yml',
      'hark generate listener db 5432 --routing-key postgres -n west -o json',
    ],
  },
}
