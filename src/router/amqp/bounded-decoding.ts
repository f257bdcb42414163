import rhea from 'rhea'

/** What this needs of rhea's reader of AMQP data, which its types leave out. */
interface Reader {
  readonly buffer: Buffer
  itemsLeft?: number
  read_n(count: number): unknown[]
  read_array_items(count: number, type: unknown): unknown[]
}

const spend = (reader: Reader, items: number): void => {
  reader.itemsLeft = (reader.itemsLeft ?? reader.buffer.length) - items
  if (reader.itemsLeft < 0) throw new RangeError('AMQP data claims more items than it has bytes')
}

/**
 * Makes rhea refuse lists and arrays that claim more items than their message has bytes. It would make room for what is
 * claimed before it looks, and read an array of a type that takes no bytes to its end: a message of twenty bytes could
 * take all the memory there is.
 */
const boundDecoding = (reader: Reader): void => {
  const { read_n, read_array_items } = reader
  reader.read_n = function (this: Reader, count) {
    spend(this, count)
    return read_n.call(this, count)
  }
  reader.read_array_items = function (this: Reader, count, type) {
    spend(this, count)
    return read_array_items.call(this, count, type)
  }
}

boundDecoding((rhea.types as unknown as { Reader: { prototype: Reader } }).Reader.prototype)
