import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { isStoreStream, LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore, ReadAllOptions } from '../../event-store/event-store.ts'

/** A server also has streams of other applications. */
export async function* logOf(
  store: EventStore,
  options: Omit<ReadAllOptions, 'prefixes'> = {},
): AsyncGenerator<RecordedEvent> {
  const events = store.readAll(store.isShared ? { ...options, prefixes: LOG_PREFIXES } : options)
  for await (const event of events) if (!isStoreStream(event.stream)) yield event
}
