import { createReadStream } from 'node:fs'

/** A line of a file, and where the next one begins. */
export interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** In bytes. */
  readonly end: number
}

const NEW_LINE = 0x0a

/** The complete lines of a file, one after the other: what stands behind the last line break is none, but cut off. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  let [number, begin] = [0, 0]
  for await (const chunk of createReadStream(file)) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    let at = 0
    for (let end = bytes.indexOf(NEW_LINE); end >= 0; end = bytes.indexOf(NEW_LINE, at)) {
      number += 1
      begin += end + 1 - at
      yield { text: bytes.toString('utf8', at, end), number, end: begin }
      at = end + 1
    }
    rest = bytes.subarray(at)
  }
}
