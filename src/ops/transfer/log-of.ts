import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { isStoreStream, LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore, ReadAllOptions } from '../../event-store/event-store.ts'

/** What goes from one store to another. A server has streams of others, too; in a file of Hark's own all is of the log. */
export async function* logOf(
  store: EventStore,
  options: Omit<ReadAllOptions, 'prefixes'> = {},
): AsyncGenerator<RecordedEvent> {
  const events = store.readAll(store.isShared ? { ...options, prefixes: LOG_PREFIXES } : options)
  for await (const event of events) if (!isStoreStream(event.stream)) yield event
}
