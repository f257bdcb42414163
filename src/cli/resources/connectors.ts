import {
  ConnectorDocument,
  type ConnectorFragment,
  ConnectorsDocument,
  PositionsDocument,
} from '../client/generated.ts'
import { collect, pages } from '../client/pagination.ts'
import { statusColour } from '../output/colour.ts'
import { NAME, type Resource, type ResourceKind, statusText, WIDE_COLUMNS } from './resource.ts'

export type Connector = ConnectorFragment & Resource

export const connectors: ResourceKind<Connector> = {
  kind: 'Connector',
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
  wideColumns: [...WIDE_COLUMNS, { title: 'MESSAGE', value: ({ status }) => status.message }],
  list: async (client, { namespace, name, at }) => {
    if (namespace !== undefined && name !== undefined) {
      const { connector } = await client.request(ConnectorDocument, { namespace, name, at })
      return connector === null ? [] : [connector]
    }
    return collect(
      pages(async after => (await client.request(ConnectorsDocument, { namespace, at, after })).connectors),
    )
  },
  // The status depends on listeners of every namespace and on routers, so any event may change it.
  live: () => ({ request: { query: PositionsDocument.query, variables: {} } }),
  status: ({ status }) => status,
}
