/** An event as the server sends it, with its JSON parsed. */
export interface ServerEvent {
  readonly streamId: string
  readonly id: string
  readonly type: string
  readonly revision: number
  readonly position: { readonly commit: number }
  readonly created: Date
  /** A string if it is not valid JSON; bytes if its type is another. */
  readonly data: unknown
  readonly metadata: unknown
}

export type SubscriptionMessage =
  | { readonly kind: 'event'; readonly event?: ServerEvent }
  /** The position up to which the server has searched. */
  | { readonly kind: 'checkpoint'; readonly position: number }
  | { readonly kind: 'confirmation' | 'caughtUp' | 'fellBehind' | 'other' }

/** EventStoreDB counts time in ticks of 100 ns, which exceed 2^53. */
const TICKS_PER_MS = 10_000n

const VARINT = 0
const BYTES = 2

type Visit = (field: number, value: number, bytes: Buffer) => void

const NO_BYTES: Buffer = Buffer.alloc(0)

const truncated = (): RangeError => new RangeError('a message of the server is truncated')

/** Passes each field of a protobuf message with its number or bytes. @throws RangeError if the message is truncated */
const eachField = (message: Buffer, visit: Visit): void => {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++]
      if (byte === undefined) throw truncated()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const key = varint()
    const wireType = key & 7
    if (wireType === VARINT) visit(key >>> 3, varint(), NO_BYTES)
    else if (wireType === BYTES) {
      const length = varint()
      const end = at + length
      if (end > message.length) throw truncated()
      visit(key >>> 3, 0, message.subarray(at, end))
      at = end
    } else at += wireType === 1 ? 8 : 4
  }
}

/** Decodes a ReadResp. The client's own decoder takes twice as long, and makes objects that must be converted again. */
export const decodeReadResponse = (response: Buffer): SubscriptionMessage => {
  let message: SubscriptionMessage = { kind: 'other' }
  eachField(response, (field, _, bytes) => {
    if (field === 1) message = decodeReadEvent(bytes)
    else if (field === 2) message = { kind: 'confirmation' }
    else if (field === 3) message = { kind: 'checkpoint', position: numberIn(bytes, 1) }
    else if (field === 8) message = { kind: 'caughtUp' }
    else if (field === 9) message = { kind: 'fellBehind' }
  })
  return message
}

const numberIn = (message: Buffer, wanted: number): number => {
  let found = 0
  eachField(message, (field, value) => {
    if (field === wanted) found = value
  })
  return found
}

const textIn = (message: Buffer, wanted: number): string => {
  let found = ''
  eachField(message, (field, _, bytes) => {
    if (field === wanted) found = bytes.toString()
  })
  return found
}

const decodeReadEvent = (message: Buffer): SubscriptionMessage => {
  let event: ServerEvent | undefined
  eachField(message, (field, _, bytes) => {
    if (field === 1) event = decodeRecordedEvent(bytes)
  })
  return { kind: 'event', ...(event && { event }) }
}

const decodeRecordedEvent = (message: Buffer): ServerEvent => {
  let [id, streamId, revision, commit] = ['', '', 0, 0]
  let custom = NO_BYTES
  let data = NO_BYTES
  const system: Record<string, string> = {}
  eachField(message, (field, value, bytes) => {
    if (field === 1) id = textIn(bytes, 2)
    else if (field === 2) streamId = textIn(bytes, 3)
    else if (field === 3) revision = value
    else if (field === 5) commit = value
    else if (field === 6) system[textIn(bytes, 1)] = textIn(bytes, 2)
    else if (field === 7) custom = bytes
    else if (field === 8) data = bytes
  })
  return {
    streamId,
    id,
    type: system.type ?? '',
    revision,
    position: { commit },
    created: new Date(Number(BigInt(system.created ?? 0) / TICKS_PER_MS)),
    data: system['content-type'] === 'application/json' ? jsonOr(data.toString(), text => text) : data,
    metadata: custom.length === 0 ? undefined : jsonOr(custom.toString(), () => custom),
  }
}

const jsonOr = (text: string, fallback: (text: string) => unknown): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return fallback(text)
  }
}
