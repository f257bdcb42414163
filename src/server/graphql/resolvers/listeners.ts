import type { ListenerRow } from '../../../../projections/listener-status.ts'
import type { ConditionType, ResourceStatus } from '../../../../projections/shared/conditions.ts'
import type { ConditionInterval, Timeline } from '../../../../projections/timeline.ts'
import type { PastListener } from '../../../engine/history/types.ts'
import type { MatchingConnector } from '../../../engine/queries/types.ts'
import type { OperationContext } from '../context.ts'
import { type MomentInput, readMoment } from '../inputs/moment-input.ts'
import { type Optional, omitNulls } from '../inputs/omit-nulls.ts'
import { pageRequest } from '../inputs/page-args.ts'
import { type HistoryArguments, historyOf } from './events.ts'
import { resourceFields, statusFields } from './metadata.ts'
import { edgeFields, pageFields } from './pages.ts'
import type { Services } from './services.ts'

interface ListenerArguments {
  readonly namespace: string
  readonly name: string
  readonly at?: Optional<MomentInput>
}

interface TimelineArguments {
  readonly type: ConditionType
  readonly from?: Optional<MomentInput>
  readonly to?: Optional<MomentInput>
}

/** What a connector's own site may keep to itself; what a listener's router sees of the network is known there anyway. */
const WHERE_CONNECTORS_ARE = ['site', 'name', 'host', 'port'] as const

const asTime = (milliseconds: number): string => new Date(milliseconds).toISOString()

type Then = Pick<PastListener, 'namespace' | 'name' | 'asOf'> & Partial<PastListener>

interface ListenersArguments {
  readonly namespace?: Optional<string>
  readonly routingKey?: Optional<string>
  readonly status?: Optional<ResourceStatus>
  readonly first?: Optional<number>
  readonly after?: Optional<string>
  readonly at?: Optional<MomentInput>
}

export const listenerResolvers = ({ engine }: Services) => {
  /** Subscriptions tell rows of the past without them: most readers do not ask. */
  const connectorsThen = async (row: Then, context: OperationContext): Promise<readonly MatchingConnector[]> => {
    if (row.matchingConnectors !== undefined) return row.matchingConnectors
    const { namespace, name, asOf } = row
    const found = await context.inTurn(async () =>
      (await engine.read.past({ position: asOf })).listener(namespace, name),
    )
    return found?.matchingConnectors ?? []
  }

  return {
    Query: {
      listener: async (_: unknown, args: ListenerArguments, context: OperationContext) => {
        const { namespace, name, at } = omitNulls(args)
        if (at === undefined) return engine.read.listener(namespace, name)
        return context.inTurn(async () => (await engine.read.past(readMoment(at, 'at'))).listener(namespace, name))
      },
      listeners: async (_: unknown, args: ListenersArguments, context: OperationContext) => {
        const { first, after, at, ...filter } = omitNulls(args)
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
      matchingConnectors: async (row: ListenerRow | PastListener, _: unknown, context: OperationContext) => {
        const connectors = 'asOf' in row ? await connectorsThen(row, context) : engine.read.matchingConnectors(row)
        context.takeRows(connectors.length)
        return connectors
      },
      conditionTimeline: async (
        row: ListenerRow | PastListener,
        args: TimelineArguments,
        context: OperationContext,
      ) => {
        const { type, from, to } = omitNulls(args)
        const { namespace, name, creationTimestamp } = row
        const asOf = 'asOf' in row ? { position: row.asOf } : undefined
        const window = {
          from: from === undefined ? { time: creationTimestamp } : readMoment(from, 'from'),
          to: to === undefined ? asOf : readMoment(to, 'to'),
        }
        const timeline = await context.inTurn(() => engine.read.timeline({ namespace, name, type, ...window }))
        context.takeRows(timeline.intervals.length)
        return { ...timeline, type }
      },
      history: (row: ListenerRow, args: HistoryArguments, context: OperationContext) =>
        historyOf(engine, 'listener', row, args, context),
    },
    MatchingConnector: Object.fromEntries(
      WHERE_CONNECTORS_ARE.map(field => [
        field,
        (connector: MatchingConnector, _: unknown, context: OperationContext) => {
          if (connector.namespace !== undefined) context.mustHave('read', connector.namespace)
          return connector[field]
        },
      ]),
    ),
    ConditionTimeline: {
      from: ({ from }: Timeline) => asTime(from),
      to: ({ to }: Timeline) => asTime(to),
    },
    ConditionInterval: {
      from: ({ from }: ConditionInterval) => asTime(from),
      to: ({ to }: ConditionInterval) => to && asTime(to),
    },
    ListenerStatus: statusFields,
    ListenerConnection: pageFields,
    ListenerEdge: edgeFields,
  }
}
