import { Option } from 'commander'
import {
  ConnectorDocument,
  type ConnectorFragment,
  ConnectorSignalsDocument,
  ConnectorsDocument,
  CreateConnectorDocument,
  DeleteConnectorDocument,
  UpdateConnectorMetadataDocument,
} from '../client/generated.ts'
import { port } from '../options.ts'
import { CONDITIONED, type ConditionedKind, listing, type Resource, typeOption } from './resource.ts'

type Connector = ConnectorFragment & Resource

export const connectors: ConditionedKind<Connector> = {
  ...CONDITIONED,
  kind: 'Connector',
  columns: [
    ...CONDITIONED.nameAndStatus,
    { title: 'ROUTING-KEY', value: ({ spec }) => spec.routingKey },
    { title: 'HOST', value: ({ spec }) => spec.host },
    { title: 'SELECTOR', value: ({ spec }) => spec.selector },
    { title: 'PORT', value: ({ spec }) => spec.port },
    { title: 'HAS-LISTENER', value: ({ status }) => status.hasMatchingListener },
  ],
  list: listing(
    async (client, scope) => (await client.request(ConnectorDocument, scope)).connector,
    async (client, scope) => (await client.request(ConnectorsDocument, scope)).connectors,
  ),
  live: ({ namespace }) => ({ request: { query: ConnectorSignalsDocument.query, variables: { namespace } } }),
  creation: CreateConnectorDocument,
  deletion: DeleteConnectorDocument,
  metadataUpdate: UpdateConnectorMetadataDocument,
  selectableFields: ['spec.routingKey', 'spec.host', 'spec.selector', 'spec.port', 'spec.type', 'spec.tlsCredentials'],
  updates: {
    options: [
      new Option('-r, --routing-key <key>', 'the key that it shares with its listeners'),
      new Option('--host <host>', 'the host name or IP address of the server that it leads to'),
      new Option('-s, --selector <selector>', 'the pods that it leads to, instead of a host').conflicts('host'),
      new Option('--port <port>', 'the port of the servers that it leads to').argParser(port),
    ],
    mutations: {},
    examples: [
      'hark update connector backend --port 9090 -n east',
      'hark update connector backend --host 10.0.0.8 --wait',
    ],
  },
  portDescription: 'the port of the servers that it leads to',
  options: [
    new Option('-r, --routing-key <key>', 'the key that it shares with its listeners (default: the name)'),
    new Option('--host <host>', 'the host name or IP address of the server that it leads to (default: the name)'),
    new Option(
      '-s, --selector <selector>',
      'the pods that it leads to, such as app=backend, instead of a host',
    ).conflicts('host'),
    new Option('--tls-credentials <name>', 'the bundle of TLS certificates for the connection to the server'),
    new Option('--use-client-cert', 'present the client certificate of that bundle'),
    new Option('--no-verify-hostname', 'do not compare the host name of the server with its certificate'),
    new Option('--expose-pods-by-name', 'make each pod a service of its own'),
    new Option('--include-not-ready-pods', 'include pods that are not ready'),
    new Option('-i, --include-not-ready', 'the same, as in Skupper'),
    typeOption(),
  ],
  examples: {
    create: [
      'hark create connector backend 8080 -n east --host 10.0.0.7',
      'hark create connector backend 8080 -n east --selector app=backend',
    ],
    generate: [
      'hark generate connector backend 8080 --host 10.0.0.7 > backend.yml',
      'hark generate connector backend 8080 --selector app=backend | hark apply -n east -f -',
    ],
  },
}
