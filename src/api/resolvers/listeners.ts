import type { ResourceStatus } from '../../../projections/conditions.ts'
import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { PastListener } from '../../engine/engine.ts'
import { given, type Optional } from '../given.ts'
import { type MomentInput, readMoment } from '../moment.ts'
import type { OperationContext } from '../operation-context.ts'
import { pageRequest } from '../page-request.ts'
import { type HistoryArguments, historyOf } from './events.ts'
import { resourceFields, statusFields } from './metadata.ts'
import { edgeFields, pageFields } from './pages.ts'
import type { Services } from './services.ts'

interface ListenerArguments {
  readonly namespace: string
  readonly name: string
  readonly at?: Optional<MomentInput>
}

interface ListenersArguments {
  readonly namespace?: Optional<string>
  readonly routingKey?: Optional<string>
  readonly status?: Optional<ResourceStatus>
  readonly first?: Optional<number>
  readonly after?: Optional<string>
  readonly at?: Optional<MomentInput>
}

export const listenerResolvers = ({ engine }: Services) => ({
  Query: {
    listener: async (_: unknown, args: ListenerArguments, context: OperationContext) => {
      const { namespace, name, at } = given(args)
      if (at === undefined) return engine.read.listener(namespace, name)
      return context.inTurn(async () => (await engine.read.past(readMoment(at, 'at'))).listener(namespace, name))
    },
    listeners: async (_: unknown, args: ListenersArguments, context: OperationContext) => {
      const { first, after, at, ...filter } = given(args)
      const wanted = pageRequest({ first, after })
      const page =
        at === undefined
          ? engine.read.listeners(filter, wanted)
          : await context.inTurn(async () => (await engine.read.past(readMoment(at, 'at'))).listeners(filter, wanted))
      context.takeRows(page.rows.length)
      return page
    },
  },
  Listener: {
    ...resourceFields('Listener'),
    status: (row: ListenerRow) => row,
    matchingConnectors: (row: ListenerRow | PastListener, _: unknown, context: OperationContext) => {
      const connectors = 'asOf' in row ? row.matchingConnectors : engine.read.matchingConnectors(row)
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
