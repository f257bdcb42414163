import { AppendTooLarge, type EventToAppend, InvalidAppend, MAX_APPEND_BYTES } from './event-store.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export interface SerializedEvent {
  readonly event: EventToAppend
  readonly data: string
  readonly metadata: string
}

const serialize = (event: EventToAppend): SerializedEvent =>
  event.json === undefined
    ? { event, data: JSON.stringify(event.data), metadata: JSON.stringify(event.metadata) }
    : { event, data: event.json.data, metadata: event.json.metadata }

export const serializeAppend = (stream: string, events: readonly EventToAppend[]): readonly SerializedEvent[] => {
  if (stream === '' || stream.startsWith('$'))
    throw new InvalidAppend(`${JSON.stringify(stream)} is not a valid stream name`)
  for (const { id } of events)
    if (!UUID.test(id)) throw new InvalidAppend(`the id of an event must be a UUID, is ${JSON.stringify(id)}`)
  const serialized = events.map(serialize)
  const bytes = serialized.reduce(
    (sum, { data, metadata }) => sum + Buffer.byteLength(data) + Buffer.byteLength(metadata),
    0,
  )
  if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(stream)
  return serialized
}
