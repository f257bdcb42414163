import type { ResourceStatus } from '../../../projections/conditions.ts'
import type { ListenerRow } from '../../../projections/listener-status.ts'
import { given, type Optional } from '../given.ts'
import type { OperationContext } from '../operation-context.ts'
import { pageRequest } from '../page-request.ts'
import { type HistoryArguments, historyOf } from './events.ts'
import { resourceFields, statusFields } from './metadata.ts'
import { edgeFields, pageFields } from './pages.ts'
import type { Services } from './services.ts'

interface ListenersArguments {
  readonly namespace?: Optional<string>
  readonly routingKey?: Optional<string>
  readonly status?: Optional<ResourceStatus>
  readonly first?: Optional<number>
  readonly after?: Optional<string>
}

export const listenerResolvers = ({ engine }: Services) => ({
  Query: {
    listener: (_: unknown, { namespace, name }: { namespace: string; name: string }) =>
      engine.read.listener(namespace, name),
    listeners: (_: unknown, args: ListenersArguments, context: OperationContext) => {
      const { first, after, ...filter } = given(args)
      const page = engine.read.listeners(filter, pageRequest({ first, after }))
      context.takeRows(page.rows.length)
      return page
    },
  },
  Listener: {
    ...resourceFields('Listener'),
    status: (row: ListenerRow) => row,
    matchingConnectors: (row: ListenerRow, _: unknown, context: OperationContext) => {
      const connectors = engine.read.matchingConnectors(row)
      context.takeRows(connectors.length)
      return connectors
    },
    history: (row: ListenerRow, args: HistoryArguments, context: OperationContext) =>
      historyOf(engine, 'listener', row, args, context),
  },
  ListenerStatus: statusFields,
  ListenerConnection: pageFields,
  ListenerEdge: edgeFields,
})
