import type { ResourceMeta } from '../../../projections/resource-meta.ts'
import { formatPosition } from '../../../schemas/position.ts'
import type { Position, RecordedEvent } from '../../../schemas/recorded-event.ts'
import type { Engine, EventPage } from '../../engine/engine.ts'
import { given, type Optional } from '../given.ts'
import type { OperationContext } from '../operation-context.ts'
import { pageRequest } from '../page-request.ts'
import type { Services } from './services.ts'

export interface HistoryArguments {
  readonly first?: Optional<number>
  readonly after?: Optional<Position>
}

export interface EventFilterArguments {
  readonly namespace?: Optional<string>
  readonly name?: Optional<string>
  readonly types?: Optional<readonly string[]>
}

/** Reads a page when it is its turn. */
const read = async (context: OperationContext, readPage: () => Promise<EventPage>): Promise<EventPage> => {
  const page = await context.inTurn(readPage)
  context.takeRows(page.events.length)
  return page
}

export const historyOf = (
  engine: Engine,
  kind: 'listener' | 'connector',
  { namespace, name }: ResourceMeta,
  args: HistoryArguments,
  context: OperationContext,
): Promise<EventPage> => {
  const page = pageRequest(given(args))
  return read(context, () => engine.read.history(kind, namespace, name, page))
}

export const eventResolvers = ({ engine }: Services) => ({
  Query: {
    events: (_: unknown, args: EventFilterArguments & HistoryArguments, context: OperationContext) => {
      const { first, after, ...filter } = given(args)
      const page = pageRequest({ first, after })
      return read(context, () => engine.read.events(filter, page))
    },
    head: () => engine.read.head().position,
  },
  EventConnection: {
    edges: ({ events }: EventPage) => events,
    pageInfo: ({ events, hasNextPage }: EventPage) => {
      const last = events.at(-1)
      return { hasNextPage, endCursor: last && formatPosition(last.position) }
    },
  },
  EventEdge: {
    cursor: ({ position }: RecordedEvent) => position,
    node: (event: RecordedEvent) => event,
  },
  EventRecord: {
    actor: ({ metadata }: RecordedEvent) => metadata.actor,
    correlationId: ({ metadata }: RecordedEvent) => metadata.correlationId,
    causationId: ({ metadata }: RecordedEvent) => metadata.causationId,
  },
})
