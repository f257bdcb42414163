import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Message } from 'rhea'

/** Bytes from which a hash costs much less than decoding. */
const SMALLEST_BODY = 16 << 10
/** Encoded bytes of all bodies kept; decoded they take about five times as much. */
const MOST_BYTES = 4 << 20

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

/**
 * Decodes equal large bodies once, so they must not be changed. An idle router gives the same answer every second, and
 * decoding it is most of what it costs to watch one.
 */
export const cachingBodies = (decode: (message: Buffer) => Message): ((message: Buffer) => Message) => {
  const bodies = new LRUCache<string, { readonly body: unknown }>({ maxSize: MOST_BYTES })
  return message => {
    const at = largeBodyAt(message)
    if (at === undefined) return decode(message)
    const encoded = message.subarray(at)
    const key = hash('sha256', encoded, 'base64')
    const known = bodies.get(key)
    if (known !== undefined) return Object.assign(decode(message.subarray(0, at)), known)
    const decoded = decode(message)
    bodies.set(key, { body: decoded.body }, { size: encoded.length })
    return decoded
  }
}
