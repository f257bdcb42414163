import type { Position, RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import type { EventPage } from '../../../engine/queries/types.ts'
import type { OperationContext } from '../context.ts'
import type { QueryEventsArgs } from '../generated.ts'
import { assertOrdered, omitNulls, pageRequest, positionBefore, readMoment } from '../inputs.ts'
import { isAt, isBeyond, type Lazy, positionEdgeFields, positionPageInfo, type ResolverServices } from './shared.ts'

interface EventsOnPage extends Pick<EventPage, 'events'> {
  readonly hasNextPage: Lazy
  readonly hasPreviousPage?: Lazy
}

export const readEventPage = async (
  context: OperationContext,
  read: () => Promise<EventsOnPage>,
): Promise<EventsOnPage> => {
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
      const page = pageRequest({ first, after, last })
      return readEventPage(context, async () => {
        const begin = from && (await positionBefore(engine, readMoment(from, 'from')))
        const end = to && (await engine.read.past(readMoment(to, 'to'))).position
        assertOrdered(begin, end)
        const window = { after: latest(after, begin), to: earliest(end, before && before - 1) }
        const { events, hasNextPage, hasPreviousPage } = await (last === undefined
          ? engine.read.events(filter, { first: page.first, ...window })
          : engine.read.lastEvents(filter, { last, ...window }))
        const all = { after: begin, to: end }
        const firstOfAll = () =>
          context.read(async () => (await engine.read.events(filter, { first: 1, ...all })).events[0])
        const lastOfAll = () =>
          context.read(async () => (await engine.read.lastEvents(filter, { last: 1, ...all })).events[0])
        return {
          events,
          hasNextPage: hasNextPage || isBeyond(before, lastOfAll, isAt(events.at(-1))),
          hasPreviousPage: hasPreviousPage || isBeyond(after, firstOfAll, isAt(events[0])),
        }
      })
    },
    head: () => engine.read.head().position,
  },
  EventConnection: {
    edges: ({ events }: EventsOnPage) => events,
    pageInfo: ({ events, hasNextPage, hasPreviousPage = false }: EventsOnPage) =>
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
