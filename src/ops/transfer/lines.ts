import { createReadStream } from 'node:fs'
import { decodeUtf8, NotUtf8 } from '../../lib/utf8.ts'

export interface Line {
  readonly text: string
  readonly number: number
  readonly end: number
}

const NEW_LINE = 0x0a

const textOf = (bytes: Uint8Array, number: number): string => {
  try {
    return decodeUtf8(bytes)
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error
    throw new Error(`line ${number} is not UTF-8 at byte ${error.offset + 1}`, { cause: error })
  }
}

export async function* linesOf(file: string): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  let [number, begin] = [0, 0]
  for await (const chunk of createReadStream(file)) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    let at = 0
    for (let end = bytes.indexOf(NEW_LINE); end >= 0; end = bytes.indexOf(NEW_LINE, at)) {
      number += 1
      begin += end + 1 - at
      yield { text: textOf(bytes.subarray(at, end), number), number, end: begin }
      at = end + 1
    }
    rest = bytes.subarray(at)
  }
}
