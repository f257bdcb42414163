import type { ConnectorRow } from '../../../../projections/connector-status.ts'
import type { OperationContext } from '../context.ts'
import type { ConnectorHistoryArgs, QueryConnectorArgs, QueryConnectorsArgs } from '../generated.ts'
import { omitNulls, pageRequest, readMoment } from '../inputs.ts'
import { historyOf } from './events.ts'
import { edgeFields, pageFields, type ResolverServices, resourceFields, statusFields } from './shared.ts'

export const connectorResolvers = ({ engine }: ResolverServices) => ({
  Query: {
    connector: async (_: unknown, args: QueryConnectorArgs, context: OperationContext) => {
      const { namespace, name, at } = omitNulls(args)
      if (at === undefined) return engine.read.connector(namespace, name)
      return context.read(async () => (await engine.read.past(readMoment(at, 'at'))).connector(namespace, name))
    },
    connectors: async (_: unknown, args: QueryConnectorsArgs, context: OperationContext) => {
      const { first, after, at, ...filter } = omitNulls(args)
      const request = pageRequest({ first, after })
      const page =
        at === undefined
          ? engine.read.connectors(filter, request)
          : await context.read(async () => (await engine.read.past(readMoment(at, 'at'))).connectors(filter, request))
      context.countRows(page.rows.length)
      return page
    },
  },
  Connector: {
    ...resourceFields('Connector'),
    status: (row: ConnectorRow) => row,
    history: (row: ConnectorRow, args: ConnectorHistoryArgs, context: OperationContext) =>
      historyOf(engine, 'connector', row, args, context),
  },
  ConnectorStatus: statusFields,
  ConnectorConnection: pageFields,
  ConnectorEdge: edgeFields,
})
