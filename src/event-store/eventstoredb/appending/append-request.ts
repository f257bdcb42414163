import { NO_STREAM } from '../../event-store.ts'
import type { SerializedEvent } from '../../validate-append.ts'
import { MessageWriter } from '../protobuf/message-writer.ts'
import { withRecordedTime } from '../to-recorded-event.ts'

export interface AppendRequest {
  readonly stream: string
  readonly expectedRevision: number
  readonly events: readonly SerializedEvent[]
}

/** Bytes of an event's id, its content type and all keys; likewise of a request without stream and events. */
const OVERHEAD = 160

/**
 * Encodes a BatchAppendReq. The client's own encoder takes three times as long: it serializes each event twice, and makes
 * base64 of its data.
 */
export const encodeAppendRequest = (
  correlationId: string,
  { stream, expectedRevision, events }: AppendRequest,
): Buffer => {
  const proposed = events.map(toProposed)
  const writer = new MessageWriter(proposed.reduce((size, event) => size + sizeOf(event), sizeOf([stream])))
  writer.integer(4, 1)
  for (const event of proposed.toReversed()) writer.message(3, () => writeProposed(writer, event))
  writer.message(2, () => {
    if (expectedRevision === NO_STREAM) writer.text(3, '')
    else writer.integer(2, expectedRevision)
    writer.message(1, () => writer.text(3, stream))
  })
  writer.message(1, () => writer.text(2, correlationId))
  return writer.bytes
}

type Proposed = readonly [id: string, type: string, custom: string, data: string]

const toProposed = ({ event, data, metadata }: SerializedEvent): Proposed => {
  const { id, type, time } = event
  const custom = time === undefined ? metadata : JSON.stringify(withRecordedTime(event.metadata, time))
  return [id, type, custom, data]
}

const sizeOf = (texts: readonly string[]): number =>
  texts.reduce((size, text) => size + Buffer.byteLength(text), OVERHEAD)

const writeProposed = (writer: MessageWriter, [id, type, custom, data]: Proposed): void => {
  writer.text(4, data)
  writer.text(3, custom)
  writer.message(2, () => writeEntry(writer, 'content-type', 'application/json'))
  writer.message(2, () => writeEntry(writer, 'type', type))
  writer.message(1, () => writer.text(2, id))
}

const writeEntry = (writer: MessageWriter, key: string, value: string): void => {
  writer.text(2, value)
  writer.text(1, key)
}
