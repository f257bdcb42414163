import type { ConnectorRow } from '../../../projections/connector-status.ts'
import { given, type Optional } from '../given.ts'
import type { OperationContext } from '../operation-context.ts'
import { pageRequest } from '../page-request.ts'
import { type HistoryArguments, historyOf } from './events.ts'
import { resourceFields, statusFields } from './metadata.ts'
import { edgeFields, pageFields } from './pages.ts'
import type { Services } from './services.ts'

interface ConnectorsArguments {
  readonly namespace?: Optional<string>
  readonly routingKey?: Optional<string>
  readonly first?: Optional<number>
  readonly after?: Optional<string>
}

export const connectorResolvers = ({ engine }: Services) => ({
  Query: {
    connector: (_: unknown, { namespace, name }: { namespace: string; name: string }) =>
      engine.read.connector(namespace, name),
    connectors: (_: unknown, args: ConnectorsArguments, context: OperationContext) => {
      const { first, after, ...filter } = given(args)
      const page = engine.read.connectors(filter, pageRequest({ first, after }))
      context.takeRows(page.rows.length)
      return page
    },
  },
  Connector: {
    ...resourceFields('Connector'),
    status: (row: ConnectorRow) => row,
    history: (row: ConnectorRow, args: HistoryArguments, context: OperationContext) =>
      historyOf(engine, 'connector', row, args, context),
  },
  ConnectorStatus: statusFields,
  ConnectorConnection: pageFields,
  ConnectorEdge: edgeFields,
})
