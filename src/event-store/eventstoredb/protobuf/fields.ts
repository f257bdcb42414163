const VARINT = 0
const FIXED_64 = 1
const BYTES = 2

const truncated = (): RangeError => new RangeError('a message of the server is truncated')

/** The fields of a message in the wire format of Protocol Buffers. */
export class Fields {
  readonly #buffer: Buffer
  readonly #end: number
  #at: number
  #start = 0
  field = 0
  /** Of a varint; inexact beyond 2^53. */
  value = 0

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer
    this.#at = start
    this.#end = end
  }

  /** Reads the next field, or returns false at the end. @throws RangeError if the message is truncated */
  next(): boolean {
    if (this.#at >= this.#end) return false
    const key = this.#varint()
    this.field = key >>> 3
    const wireType = key & 7
    if (wireType === VARINT) this.value = this.#varint()
    else {
      const length = wireType === BYTES ? this.#varint() : wireType === FIXED_64 ? 8 : 4
      this.#start = this.#at
      this.#at += length
      if (this.#at > this.#end) throw truncated()
    }
    return true
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#at)
  }

  get text(): string {
    return this.#buffer.toString('utf8', this.#start, this.#at)
  }

  get message(): Fields {
    return new Fields(this.#buffer, this.#start, this.#at)
  }

  #varint(): number {
    let value = 0
    for (let scale = 1; this.#at < this.#end; scale *= 128) {
      const byte = this.#buffer[this.#at++] as number
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw truncated()
  }
}

export const numberIn = (fields: Fields, wanted: number): number => {
  let found = 0
  while (fields.next()) if (fields.field === wanted) found = fields.value
  return found
}

export const textIn = (fields: Fields, wanted: number): string => {
  let found = ''
  while (fields.next()) if (fields.field === wanted) found = fields.text
  return found
}
