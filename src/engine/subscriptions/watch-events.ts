import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { RESOURCE_PREFIXES } from '../../../schemas/events/streams.ts'
import { eventMatches, prefixesOf } from '../queries/event-filter.ts'
import type { LogReader } from '../queries/log-reader.ts'
import type { EventFilter } from '../queries/types.ts'
import { toQueryError } from '../read-models/errors.ts'
import type { Projected } from '../read-models/projector.ts'
import type { Source } from './catch-up-subscription.ts'
import { EVENTS } from './change-feed.ts'
import type { ChangeBatch } from './types.ts'

export const eventSource = (filter: EventFilter, log: LogReader): Source<RecordedEvent> => {
  const { namespace, name, types } = filter
  const matches = eventMatches(filter)
  const isWatched = (event: RecordedEvent): boolean =>
    RESOURCE_PREFIXES.some(prefix => event.stream.startsWith(prefix)) && matches(event)
  return {
    name: `events ${JSON.stringify([namespace, name, types])}`,
    topic: EVENTS,
    now: () => ({
      first: [],
      next: changes => {
        const { recorded } = changes as Projected
        return isWatched(recorded) ? [recorded] : []
      },
    }),
    async *since(after: Position, to: Position): AsyncGenerator<ChangeBatch<RecordedEvent>> {
      try {
        for await (const event of log.between(after, to, prefixesOf(filter)))
          if (matches(event)) yield { position: event.position, values: [event] }
      } catch (error) {
        throw toQueryError(error)
      }
    },
  }
}
