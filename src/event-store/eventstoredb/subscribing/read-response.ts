import type { SentEvents } from '../appending/sent-events.ts'
import { Fields, numberIn, textIn } from '../protobuf/fields.ts'
import type { ServerEvent, SubscriptionMessage } from './subscription-message.ts'

/** EventStoreDB counts time in ticks of 100 ns, which exceed 2^53: without these digits they are milliseconds. */
const DIGITS_BELOW_MS = 4

const NO_BYTES: Buffer = Buffer.alloc(0)

/** Decodes a ReadResp. The client's own decoder takes twice as long, and makes objects that must be converted again. */
export const decodeReadResponse = (response: Buffer, sentEvents?: SentEvents): SubscriptionMessage => {
  const fields = new Fields(response)
  let message: SubscriptionMessage = { kind: 'other' }
  while (fields.next()) {
    if (fields.field === 1) message = readEvent(fields.message, sentEvents)
    else if (fields.field === 2) message = { kind: 'confirmation' }
    else if (fields.field === 3) message = { kind: 'checkpoint', position: numberIn(fields.message, 1) }
    else if (fields.field === 8) message = { kind: 'caughtUp' }
    else if (fields.field === 9) message = { kind: 'fellBehind' }
  }
  return message
}

const readEvent = (fields: Fields, sentEvents: SentEvents | undefined): SubscriptionMessage => {
  let event: ServerEvent | undefined
  while (fields.next()) if (fields.field === 1) event = recordedEvent(fields.message, sentEvents)
  return { kind: 'event', ...(event && { event }) }
}

const recordedEvent = (fields: Fields, sentEvents: SentEvents | undefined): ServerEvent => {
  let [id, streamId, revision, commit] = ['', '', 0, 0]
  let custom = NO_BYTES
  let data = NO_BYTES
  const system = { type: '', created: '', contentType: '' }
  while (fields.next()) {
    const { field } = fields
    if (field === 1) id = textIn(fields.message, 2)
    else if (field === 2) streamId = textIn(fields.message, 3)
    else if (field === 3) revision = fields.value
    else if (field === 5) commit = fields.value
    else if (field === 6) readSystem(fields.message, system)
    else if (field === 7) custom = fields.bytes
    else if (field === 8) data = fields.bytes
  }
  const isJson = system.contentType === 'application/json'
  const text = isJson ? data.toString() : ''
  const customText = custom.toString()
  const sent = isJson ? sentEvents?.take(id, text, customText) : undefined
  return {
    streamId,
    id,
    type: system.type,
    revision,
    position: { commit },
    created: new Date(Number(system.created.slice(0, -DIGITS_BELOW_MS))),
    data: sent?.data ?? (isJson ? jsonOr(text, unparsed => unparsed) : data),
    metadata: sent?.metadata ?? (custom.length === 0 ? undefined : jsonOr(customText, () => custom)),
  }
}

const readSystem = (entry: Fields, system: { type: string; created: string; contentType: string }): void => {
  let key = ''
  while (entry.next()) {
    if (entry.field === 1) key = entry.text
    else if (entry.field !== 2) continue
    else if (key === 'type') system.type = entry.text
    else if (key === 'created') system.created = entry.text
    else if (key === 'content-type') system.contentType = entry.text
  }
}

const jsonOr = (text: string, fallback: (text: string) => unknown): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return fallback(text)
  }
}
