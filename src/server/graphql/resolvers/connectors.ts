import type { ConnectorRow } from '../../../../projections/connector-status.ts'
import type { OperationContext } from '../context.ts'
import { type MomentInput, readMoment } from '../inputs/moment-input.ts'
import { type Optional, omitNulls } from '../inputs/omit-nulls.ts'
import { pageRequest } from '../inputs/page-args.ts'
import { type HistoryArguments, historyOf } from './events.ts'
import { resourceFields, statusFields } from './metadata.ts'
import { edgeFields, pageFields } from './pages.ts'
import type { Services } from './services.ts'

interface ConnectorArguments {
  readonly namespace: string
  readonly name: string
  readonly at?: Optional<MomentInput>
}

interface ConnectorsArguments {
  readonly namespace?: Optional<string>
  readonly routingKey?: Optional<string>
  readonly first?: Optional<number>
  readonly after?: Optional<string>
  readonly at?: Optional<MomentInput>
}

export const connectorResolvers = ({ engine }: Services) => ({
  Query: {
    connector: async (_: unknown, args: ConnectorArguments, context: OperationContext) => {
      const { namespace, name, at } = omitNulls(args)
      if (at === undefined) return engine.read.connector(namespace, name)
      return context.inTurn(async () => (await engine.read.past(readMoment(at, 'at'))).connector(namespace, name))
    },
    connectors: async (_: unknown, args: ConnectorsArguments, context: OperationContext) => {
      const { first, after, at, ...filter } = omitNulls(args)
      const wanted = pageRequest({ first, after })
      const page =
        at === undefined
          ? engine.read.connectors(filter, wanted)
          : await context.inTurn(async () => (await engine.read.past(readMoment(at, 'at'))).connectors(filter, wanted))
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
