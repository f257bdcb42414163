import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { Kind } from '../../../schemas/resources/kinds.ts'
import { metadataEventOf } from '../../../schemas/resources/metadata.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import { first } from '../../lib/first.ts'
import { toQueryError } from '../read-models/errors.ts'
import { eventMatches, prefixesOf } from './event-filter.ts'
import type { LogReader } from './log-reader.ts'
import type { EventFilter, EventPage, EventPageRequest, HistoryPageRequest, LastEventsRequest } from './types.ts'

export const mapStoreErrors = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw toQueryError(error)
  }
}

const take = async (
  events: AsyncIterable<RecordedEvent>,
  matches: (event: RecordedEvent) => boolean,
  first: number,
): Promise<EventPage> => {
  const taken: RecordedEvent[] = []
  for await (const event of events) {
    if (!matches(event)) continue
    taken.push(event)
    if (taken.length > first) break
  }
  return { events: taken.slice(0, first), hasNextPage: taken.length > first }
}

async function* upTo(to: Position, events: AsyncIterable<RecordedEvent>): AsyncIterable<RecordedEvent> {
  for await (const event of events) {
    if (event.position > to) return
    yield event
  }
}

export const readEvents = (
  log: LogReader,
  filter: EventFilter,
  { first, after = BEGINNING, to = Number.POSITIVE_INFINITY }: EventPageRequest,
): Promise<EventPage> =>
  mapStoreErrors(() => take(log.between(after, to, prefixesOf(filter)), eventMatches(filter), first))

export const readLastEvents = (
  log: LogReader,
  filter: EventFilter,
  { last, after = BEGINNING, to = Number.POSITIVE_INFINITY }: LastEventsRequest,
): Promise<EventPage> =>
  mapStoreErrors(async () => {
    const newestFirst = log.betweenBackward(after, to, prefixesOf(filter))
    const { events, hasNextPage } = await take(newestFirst, eventMatches(filter), last)
    return { events: events.toReversed(), hasNextPage: false, hasPreviousPage: hasNextPage }
  })

/** Positions grow with revisions. */
const revisionAfter = async (store: EventStore, stream: string, position: Position): Promise<number> => {
  const newest = await lastEventOf(store, stream)
  let low = 0
  let high = newest === undefined ? 0 : newest.revision + 1
  while (low < high) {
    const middle = (low + high) >>> 1
    const event = await first(store.readStream(stream, { from: middle, limit: 1 }))
    if (event !== undefined && event.position <= position) low = middle + 1
    else high = middle
  }
  return low
}

/** Includes deleted resources. */
export const readHistory = (
  store: EventStore,
  kind: Kind,
  namespace: string,
  name: string,
  { first, after, last, before, to = Number.POSITIVE_INFINITY }: HistoryPageRequest,
): Promise<EventPage> =>
  mapStoreErrors(async () => {
    const stream = RESOURCES[kind].stream(namespace, name)
    const begin = after === undefined ? 0 : await revisionAfter(store, stream, after)
    const isBounded = last !== undefined || before !== undefined
    const end = isBounded
      ? await revisionAfter(store, stream, Math.min(to, (before ?? Number.POSITIVE_INFINITY) - 1))
      : Number.POSITIVE_INFINITY
    const from = last === undefined ? begin : Math.max(begin, end - last)
    const size = Math.max(0, last === undefined ? Math.min(first, end - from) : end - from)
    const page = await take(upTo(to, store.readStream(stream, { from, limit: size + 1 })), () => true, size)
    return { ...page, hasPreviousPage: from > 0 }
  })

/** Labels and annotations affect no status. */
export const readLastCommand = (
  store: EventStore,
  kind: Kind,
  namespace: string,
  name: string,
  position: Position,
): Promise<RecordedEvent | undefined> =>
  mapStoreErrors(async () => {
    const stream = RESOURCES[kind].stream(namespace, name)
    const revision = (await revisionAfter(store, stream, position)) - 1
    if (revision < 0) return undefined
    for await (const event of store.readStream(stream, { from: revision, direction: 'backward' }))
      if (metadataEventOf(event.type) === undefined) return event
    return undefined
  })
