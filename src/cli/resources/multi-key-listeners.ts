import { Option } from 'commander'
import {
  CreateMultiKeyListenerDocument,
  DeleteMultiKeyListenerDocument,
  MultiKeyListenerDocument,
  type MultiKeyListenerFragment,
  MultiKeyListenerSignalsDocument,
  MultiKeyListenersDocument,
  UpdateMultiKeyListenerMetadataDocument,
} from '../client/generated.ts'
import { port } from '../options.ts'
import { CONDITIONED, type ConditionedKind, listing, type Resource } from './resource.ts'
import { routingKeysText, strategyOptions } from './strategy.ts'

type MultiKeyListener = MultiKeyListenerFragment & Resource

export const multiKeyListeners: ConditionedKind<MultiKeyListener> = {
  ...CONDITIONED,
  kind: 'MultiKeyListener',
  columns: [
    ...CONDITIONED.nameAndStatus,
    { title: 'ROUTING-KEYS', value: ({ spec }) => routingKeysText(spec.strategy) },
    { title: 'HOST', value: ({ spec }) => spec.host },
    { title: 'PORT', value: ({ spec }) => spec.port },
    { title: 'HAS-DESTINATION', value: ({ status }) => status.hasDestination },
  ],
  list: listing(
    async (client, scope) => (await client.request(MultiKeyListenerDocument, scope)).multiKeyListener,
    async (client, scope) => (await client.request(MultiKeyListenersDocument, scope)).multiKeyListeners,
  ),
  live: ({ namespace }) => ({ request: { query: MultiKeyListenerSignalsDocument.query, variables: { namespace } } }),
  creation: CreateMultiKeyListenerDocument,
  deletion: DeleteMultiKeyListenerDocument,
  metadataUpdate: UpdateMultiKeyListenerMetadataDocument,
  selectableFields: ['spec.host', 'spec.port', 'spec.tlsCredentials'],
  updates: {
    options: [
      ...strategyOptions(),
      new Option('--host <host>', 'the host name or IP address that clients of this site connect to'),
      new Option('--port <port>', 'the port that clients of this site connect to').argParser(port),
    ],
    mutations: {},
    examples: [
      'hark update multikeylistener backend --port 9090 -n west',
      'hark update multikeylistener backend --weighted east=3 north=1',
    ],
  },
  hasStrategy: true,
  portDescription: 'the port that clients of this site connect to',
  options: [
    ...strategyOptions(),
    new Option('--host <host>', 'the host name or IP address that clients of this site connect to (default: the name)'),
    new Option('--tls-credentials <name>', 'the bundle of TLS certificates that it presents'),
    new Option('--require-client-cert', 'require clients to present a certificate'),
    new Option('--observer <protocol>', 'the protocol to observe: auto, none, http1 or http2 (default: auto)'),
  ],
  examples: {
    create: [
      'hark create multikeylistener backend 8080 -n west --priority east north',
      'hark create multikeylistener backend 8080 -n west --weighted east=3 north=1',
    ],
    generate: ['hark generate multikeylistener backend 8080 --priority east north > backend.yml'],
  },
}
