import type { RecordedEvent } from '../../../schemas/recorded-event.ts'

/** An event as its row holds it: data and metadata are JSON. */
export interface WrittenEvent {
  readonly event: Omit<RecordedEvent, 'data' | 'metadata'>
  readonly data: string
  readonly metadata: string
}

/**
 * Events as one text, three lines an event: a thread takes one long text far faster than many short ones, and JSON has no
 * line breaks of its own.
 */
export const toLines = (events: readonly WrittenEvent[]): string =>
  events
    .map(({ event: { position, stream, revision, id, type, time }, data, metadata }) => {
      return `${JSON.stringify([position, stream, revision, id, type, time])}\n${data}\n${metadata}`
    })
    .join('\n')

export const fromLines = (lines: string): WrittenEvent[] => {
  const parts = lines.split('\n')
  const events: WrittenEvent[] = []
  for (let at = 0; at < parts.length; at += 3) {
    const [position, stream, revision, id, type, time] = JSON.parse(parts[at] as string)
    events.push({ event: { position, stream, revision, id, type, time }, data: parts[at + 1] as string, metadata: parts[at + 2] as string })
  }
  return events
}
