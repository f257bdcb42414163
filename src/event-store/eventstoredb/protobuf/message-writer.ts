/**
 * Writes a message in the wire format of Protocol Buffers from its end to its beginning, because the length of a part
 * precedes it.
 */
export class MessageWriter {
  readonly #buffer: Buffer
  #at: number

  /** @param size at least that of the message, in bytes */
  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size)
    this.#at = size
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(this.#at)
  }

  integer(field: number, value: number): void {
    this.#varint(value)
    this.#varint(field << 3)
  }

  text(field: number, text: string): void {
    const length = Buffer.byteLength(text)
    this.#at -= length
    this.#buffer.write(text, this.#at)
    this.#prefix(field, length)
  }

  /** @param write writes the fields of the message, the last one first */
  message(field: number, write: () => void): void {
    const end = this.#at
    write()
    this.#prefix(field, end - this.#at)
  }

  #prefix(field: number, length: number): void {
    this.#varint(length)
    this.#varint((field << 3) | 2)
  }

  #varint(value: number): void {
    let length = 1
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1
    this.#at -= length
    let rest = value
    for (let at = this.#at; at < this.#at + length - 1; at += 1) {
      this.#buffer[at] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#buffer[this.#at + length - 1] = rest
  }
}
