import type { Position, RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import type { EventPage } from '../../../engine/queries/types.ts'
import type { OperationContext } from '../context.ts'
import type { QueryEventsArgs } from '../generated.ts'
import {
  assertOrdered,
  assertWithin,
  MAX_PAGE_SIZE,
  omitNulls,
  pageRequest,
  positionBefore,
  readMoment,
} from '../inputs.ts'
import { positionEdgeFields, positionPageInfo, type ResolverServices } from './shared.ts'

export const readEventPage = async (context: OperationContext, read: () => Promise<EventPage>): Promise<EventPage> => {
  const page = await context.read(read)
  context.countRows(page.events.length)
  return page
}

const latest = (...positions: readonly (Position | undefined)[]): Position | undefined => {
  const defined = positions.filter(position => position !== undefined)
  return defined.length === 0 ? undefined : Math.max(...defined)
}

const earliest = (...positions: readonly (Position | undefined)[]): Position | undefined => {
  const defined = positions.filter(position => position !== undefined)
  return defined.length === 0 ? undefined : Math.min(...defined)
}

const namespaceOf = (data: unknown): string | undefined => (data as { readonly namespace?: string }).namespace

export const eventResolvers = ({ engine }: ResolverServices) => ({
  Query: {
    events: (_: unknown, args: QueryEventsArgs, context: OperationContext) => {
      const { first, after, last, before, from, to, ...filter } = omitNulls(args)
      const page = pageRequest({ first, after })
      if (last !== undefined) assertWithin('last', last, MAX_PAGE_SIZE)
      return readEventPage(context, async () => {
        const begin = from && (await positionBefore(engine, readMoment(from, 'from')))
        const end = to && (await engine.read.past(readMoment(to, 'to'))).position
        assertOrdered(begin, end)
        const window = { after: latest(page.after, begin), to: earliest(end, before && before - 1) }
        return last === undefined
          ? engine.read.events(filter, { ...page, ...window })
          : engine.read.lastEvents(filter, { last, ...window })
      })
    },
    head: () => engine.read.head().position,
  },
  EventConnection: {
    edges: ({ events }: EventPage) => events,
    pageInfo: ({ events, hasNextPage, hasPreviousPage }: EventPage) =>
      positionPageInfo(events, hasNextPage, hasPreviousPage),
  },
  EventEdge: positionEdgeFields,
  EventRecord: {
    actor: ({ metadata }: RecordedEvent) => metadata.actor,
    correlationId: ({ metadata }: RecordedEvent) => metadata.correlationId,
    causationId: ({ metadata }: RecordedEvent) => metadata.causationId,
    commandId: ({ metadata }: RecordedEvent) => metadata.commandId,
    via: ({ metadata }: RecordedEvent) => metadata.via,
    clientAddress: ({ metadata, data }: RecordedEvent, _: unknown, context: OperationContext) => {
      context.requirePermission('audit', namespaceOf(data))
      return metadata.clientAddress
    },
  },
})
