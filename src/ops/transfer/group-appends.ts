import type { StreamAppend } from '../../event-store/event-store.ts'
import type { ExportedEvent } from './event-line.ts'

const APPEND_EVENTS = 256
/** An append may hold 1 MiB, and a UTF-16 code unit takes up to 3 bytes. */
const APPEND_CHARACTERS = 250_000

interface Line {
  readonly text: string
  readonly event: ExportedEvent
}

export async function* appendsOf(lines: AsyncIterable<Line>): AsyncGenerator<StreamAppend> {
  let events: ExportedEvent[] = []
  let size = 0
  try {
    for await (const { event, text } of lines) {
      const isFull = events.length === APPEND_EVENTS || size + text.length > APPEND_CHARACTERS
      if (events.length > 0 && (isFull || events[0]!.stream !== event.stream)) {
        yield toAppend(events)
        events = []
        size = 0
      }
      events.push(event)
      size += text.length
    }
  } catch (error) {
    // The lines before a damaged one are valid.
    if (events.length > 0) yield toAppend(events)
    throw error
  }
  if (events.length > 0) yield toAppend(events)
}

const toAppend = (events: readonly ExportedEvent[]): StreamAppend => {
  const [{ stream, revision }] = events as [ExportedEvent]
  return { stream, expectedRevision: revision - 1, events }
}
