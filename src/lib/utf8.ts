import { isUtf8 } from 'node:buffer'

const NEW_LINE = 0x0a

/** Decoding would make different texts equal. */
export class NotUtf8 extends Error {
  override readonly name: string = 'NotUtf8'
  /** Bytes; starts at 0. */
  readonly offset: number
  readonly line: number

  constructor(offset: number, line: number, byte: number) {
    const shown = byte.toString(16).padStart(2, '0')
    super(`is not UTF-8: line ${line} has the byte 0x${shown}, at offset ${offset}, which does not belong there`)
    this.offset = offset
    this.line = line
  }
}

const lengthFrom = (byte: number): number => {
  if (byte < 0x80) return 1
  if (byte < 0xe0) return 2
  return byte < 0xf0 ? 3 : 4
}

const notUtf8 = (bytes: Uint8Array): NotUtf8 => {
  let offset = 0
  let line = 1
  while (offset < bytes.length) {
    const byte = bytes[offset] as number
    const length = lengthFrom(byte)
    if (!isUtf8(bytes.subarray(offset, offset + length))) break
    if (byte === NEW_LINE) line += 1
    offset += length
  }
  return new NotUtf8(offset, line, bytes[offset] ?? 0)
}

export const decodeUtf8 = (bytes: Uint8Array): string => {
  if (!isUtf8(bytes)) throw notUtf8(bytes)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
