import rhea, { type Connection, type Message } from 'rhea'
import { cachingBodies } from './body-cache.ts'

/**
 * Guards that rhea 3.0.5 lacks against a hostile router. They patch internal parts: after an upgrade, run test/router and
 * test/fuzz/amqp.test.ts.
 */

const LARGEST_FRAME = 1 << 20
/** Bytes of incomplete messages, over all links. */
const MOST_UNFINISHED = 64 << 20
/** More deliveries than can be unsettled. */
const WIDEST_DISPOSITION = 1 << 16

interface Reader {
  readonly buffer: Buffer
  itemsLeft?: number
  read_n(count: number): unknown[]
  read_array_items(count: number, type: unknown): unknown[]
}

const countItems = (reader: Reader, items: number): void => {
  reader.itemsLeft = (reader.itemsLeft ?? reader.buffer.length) - items
  if (reader.itemsLeft < 0) throw new RangeError('AMQP data claims more items than it has bytes')
}

/**
 * Rejects lists and arrays that claim more items than bytes: rhea allocates what is claimed. Fixed upstream after
 * 3.0.5: https://github.com/amqp/rhea/pull/450
 */
const boundDecoding = (reader: Reader): void => {
  const { read_n, read_array_items } = reader
  reader.read_n = function (this: Reader, count) {
    countItems(this, count)
    return read_n.call(this, count)
  }
  reader.read_array_items = function (this: Reader, count, type) {
    countItems(this, count)
    return read_array_items.call(this, count, type)
  }
}

interface Decoder {
  decode(message: Buffer): Message
}

/** Keeps rhea from printing unknown message sections (`console.warn` in its lib/message.js), and shares equal bodies. */
const wrapDecoding = (decoder: Decoder): void => {
  const { decode } = decoder
  decoder.decode = cachingBodies(message => {
    const { warn } = console
    console.warn = () => undefined
    try {
      return decode.call(decoder, message)
    } finally {
      console.warn = warn
    }
  })
}

boundDecoding((rhea.types as unknown as { Reader: { prototype: Reader } }).Reader.prototype)
wrapDecoding(rhea.message as unknown as Decoder)

interface Frame {
  readonly channel: number
  readonly performative: {
    readonly handle?: number
    readonly more?: boolean
    readonly first?: unknown
    readonly last?: unknown
  }
  readonly payload?: Buffer
}

interface GuardOptions {
  readonly isOver: () => boolean
  readonly onInput: () => void
  readonly onFault: (error: unknown) => void
}

export const guardConnection = (connection: Connection, { isOver, onInput, onFault }: GuardOptions): void => {
  const { input, _process, on_disposition, on_transfer } = connection
  const unfinished = new Map<string, number>()
  const limitUnfinished = ({ channel, performative, payload }: Frame): void => {
    const link = `${channel}/${performative.handle}`
    if (!performative.more) {
      unfinished.delete(link)
      return
    }
    unfinished.set(link, (unfinished.get(link) ?? 0) + (payload?.length ?? 0))
    let sum = 0
    for (const size of unfinished.values()) sum += size
    if (sum > MOST_UNFINISHED) throw new RangeError('messages that are too large')
  }
  connection.input = (bytes: Buffer) => {
    if (isOver()) return
    onInput()
    input.call(connection, bytes)
    if (connection.frame_size > LARGEST_FRAME) onFault(new RangeError('a frame that is too large'))
  }
  connection._process = () => {
    try {
      _process.call(connection)
    } catch (error) {
      onFault(error)
    }
  }
  // rhea would count the time of a stopped process as the router's silence.
  connection.idle = () => undefined
  connection.on_disposition = (frame: Frame) => {
    const { first, last } = frame.performative
    if (Number(last ?? first) - Number(first) > WIDEST_DISPOSITION)
      throw new RangeError('a disposition of too many deliveries')
    on_disposition.call(connection, frame)
  }
  connection.on_transfer = (frame: Frame) => {
    limitUnfinished(frame)
    on_transfer.call(connection, frame)
  }
}
