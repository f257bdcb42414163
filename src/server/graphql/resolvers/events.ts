import type { ObjectMeta } from '../../../../projections/shared/object-meta.ts'
import type { Position, RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../../../schemas/events/recorded-event.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { EventPage } from '../../../engine/queries/types.ts'
import type { OperationContext } from '../context.ts'
import { type MomentInput, mustBeInOrder, positionBefore, readMoment } from '../inputs/moment-input.ts'
import { type Optional, omitNulls } from '../inputs/omit-nulls.ts'
import { pageRequest } from '../inputs/page-args.ts'
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

interface EventsArguments extends EventFilterArguments, HistoryArguments {
  readonly from?: Optional<MomentInput>
  readonly to?: Optional<MomentInput>
}

const latest = (...positions: readonly (Position | undefined)[]): Position | undefined => {
  const given = positions.filter(position => position !== undefined)
  return given.length === 0 ? undefined : Math.max(...given)
}

export const historyOf = (
  engine: Engine,
  kind: 'listener' | 'connector',
  { namespace, name, asOf }: ObjectMeta & { readonly asOf?: Position },
  args: HistoryArguments,
  context: OperationContext,
): Promise<EventPage> => {
  const page = { ...pageRequest(omitNulls(args)), to: asOf }
  return read(context, () => engine.read.history(kind, namespace, name, page))
}

const namespaceOf = (data: unknown): string | undefined => (data as { readonly namespace?: string }).namespace

export const eventResolvers = ({ engine }: Services) => ({
  Query: {
    events: (_: unknown, args: EventsArguments, context: OperationContext) => {
      const { first, after, from, to, ...filter } = omitNulls(args)
      const page = pageRequest({ first, after })
      return read(context, async () => {
        const begin = from && (await positionBefore(engine, readMoment(from, 'from')))
        const end = to && (await engine.read.past(readMoment(to, 'to'))).position
        mustBeInOrder(begin, end)
        const wanted = { ...page, after: latest(page.after, begin), to: end }
        return engine.read.events(filter, wanted)
      })
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
    commandId: ({ metadata }: RecordedEvent) => metadata.commandId,
    via: ({ metadata }: RecordedEvent) => metadata.via,
    clientAddress: ({ metadata, data }: RecordedEvent, _: unknown, context: OperationContext) => {
      context.mustHave('audit', namespaceOf(data))
      return metadata.clientAddress
    },
  },
})
