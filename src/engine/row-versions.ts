import type { Position } from '../../schemas/recorded-event.ts'

/** What an event made of a row: the row whole, what differs from the one before, or that it is gone. */
export const MARK = { whole: 0, different: 1, gone: 2 } as const
export type Mark = (typeof MARK)[keyof typeof MARK]

/** A row as it was from a position on, until its next version. */
export interface RowVersion {
  readonly position: Position
  /** When the event was recorded that made it so, in milliseconds since 1970. */
  readonly time: number
  readonly mark: Mark
  /** JSON; empty for a row that is gone. */
  readonly body: string
}

/**
 * Versions lie in bytes one behind the other, so that thousands of them are one thing to the garbage collector, to a
 * thread that they are handed to, and to the database: position and time as doubles, mark, length of the body, body.
 */
const POSITION = 0
const TIME = 8
const MARKED = 16
const LENGTH = 17
export const HEAD_BYTES = 21

/** A view, because it writes numbers several times as fast as a Buffer does. */
export const writeHead = (
  view: DataView,
  at: number,
  position: Position,
  time: number,
  mark: Mark,
  length: number,
): void => {
  view.setFloat64(at + POSITION, position, true)
  view.setFloat64(at + TIME, time, true)
  view.setUint8(at + MARKED, mark)
  view.setUint32(at + LENGTH, length, true)
}

export const markAt = (bytes: Buffer, at: number): Mark => bytes[at + MARKED] as Mark
export const positionAt = (bytes: Buffer, at: number): Position => bytes.readDoubleLE(at + POSITION)
export const timeAt = (bytes: Buffer, at: number): number => bytes.readDoubleLE(at + TIME)
export const bodyAt = (bytes: Buffer, at: number): string =>
  bytes.toString('utf8', at + HEAD_BYTES, at + HEAD_BYTES + bytes.readUInt32LE(at + LENGTH))
/** Where the one behind it begins. */
export const endAt = (bytes: Buffer, at: number): number => at + HEAD_BYTES + bytes.readUInt32LE(at + LENGTH)

export const encodeVersion = ({ position, time, mark, body }: RowVersion): Buffer => {
  const text = Buffer.from(body)
  const bytes = Buffer.alloc(HEAD_BYTES + text.length)
  writeHead(new DataView(bytes.buffer, bytes.byteOffset), 0, position, time, mark, text.length)
  text.copy(bytes, HEAD_BYTES)
  return bytes
}
