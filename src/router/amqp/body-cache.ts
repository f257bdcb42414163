import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Message } from 'rhea'

/** Bytes from which a hash costs much less than decoding. */
const SMALLEST_BODY = 16 << 10
/** Bytes of all bodies kept, about: of their encoding and of what is made of it. */
const MOST_BYTES = 24 << 20
/** Of an array, an object or a text, empty or not. */
const VALUE_BYTES = 48
/** A body that was not received for so long gives way to another. Bodies that are would only displace each other in turn. */
const STALE_MS = 10_000

const AMQP_VALUE = 0x77

/** Section formats of AMQP 1.0, part 3.2: a descriptor of three bytes, then a list, map or binary with its size. */
const sectionEnd = (message: Buffer, at: number): number | undefined => {
  switch (message[at + 3]) {
    case 0x45:
      return at + 4
    case 0xa0:
    case 0xc0:
    case 0xc1:
      return at + 5 + (message[at + 4] ?? 0)
    case 0xb0:
    case 0xd0:
    case 0xd1:
      return at + 8 + message.readUInt32BE(at + 4)
  }
}

/** Offset of a large body of one AMQP value. */
const largeBodyAt = (message: Buffer): number | undefined => {
  let at: number | undefined = 0
  while (at !== undefined && message.length - at >= SMALLEST_BODY && message[at] === 0 && message[at + 1] === 0x53) {
    if (message[at + 2] === AMQP_VALUE) return at
    at = sectionEnd(message, at)
  }
}

/** Stops counting beyond what is kept. */
const sizeOf = (value: unknown, most: number): number => {
  let size = VALUE_BYTES
  // A binary is a view of the encoding, whose bytes count already.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return size
  for (const part of Object.values(value)) {
    size += typeof part === 'object' && part !== null ? sizeOf(part, most - size) : VALUE_BYTES
    if (size > most) break
  }
  return size
}

interface Known {
  readonly body: unknown
  usedAt: number
}

/**
 * Decodes equal large bodies once, so they must not be changed. An idle router gives the same answer every second, and
 * decoding it is most of what it costs to watch one.
 */
export const cachingBodies = (
  decode: (message: Buffer) => Message,
  now: () => number = () => performance.now(),
): ((message: Buffer) => Message) => {
  const bodies = new LRUCache<string, Known>({ maxSize: MOST_BYTES })
  const keep = (key: string, body: unknown, encodedBytes: number): void => {
    const size = encodedBytes + sizeOf(body, MOST_BYTES)
    if (size > MOST_BYTES) return
    while (bodies.size > 0 && bodies.calculatedSize + size > MOST_BYTES) {
      const oldest = bodies.rkeys().next().value as string
      if (now() - (bodies.peek(oldest) as Known).usedAt < STALE_MS) return
      bodies.delete(oldest)
    }
    bodies.set(key, { body, usedAt: now() }, { size })
  }
  return message => {
    const at = largeBodyAt(message)
    if (at === undefined) return decode(message)
    const encoded = message.subarray(at)
    const key = hash('sha256', encoded, 'base64')
    const known = bodies.get(key)
    if (known !== undefined) {
      known.usedAt = now()
      return Object.assign(decode(message.subarray(0, at)), { body: known.body })
    }
    const decoded = decode(message)
    keep(key, decoded.body, encoded.length)
    return decoded
  }
}
