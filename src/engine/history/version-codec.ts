import type { Position } from '../../../schemas/events/recorded-event.ts'

/** What an event made of a row: the row whole, what differs from the one before, or that it is gone. */
export const VERSION_KIND = { whole: 0, different: 1, gone: 2 } as const
export type Mark = (typeof VERSION_KIND)[keyof typeof VERSION_KIND]

/** A row as it was from a position on, until its next version. */
export interface RowVersion {
  readonly position: Position
  /** When the event was recorded that made it so, in milliseconds since 1970. */
  readonly time: number
  /** Of the event. */
  readonly type: string
  readonly mark: Mark
  /** JSON; empty for a row that is gone. */
  readonly body: string
}

/**
 * Versions lie in bytes one behind the other, so that thousands of them are one thing to the garbage collector, to a
 * thread that they are handed to, and to the database: position and time as doubles, mark, the length of the type and of
 * type and body together, type, body.
 */
const POSITION = 0
const TIME = 8
const MARKED = 16
const TYPE_LENGTH = 17
const LENGTH = 18
export const HEAD_BYTES = 22

/** What stands before the type, an ASCII text, and the body. */
export interface VersionHead {
  readonly position: Position
  readonly time: number
  readonly mark: Mark
  readonly typeLength: number
  /** In bytes, of type and body. */
  readonly length: number
}

/** Into a view, because that writes numbers several times as fast as a Buffer does. */
export const writeHead = (
  view: DataView,
  at: number,
  { position, time, mark, typeLength, length }: VersionHead,
): void => {
  view.setFloat64(at + POSITION, position, true)
  view.setFloat64(at + TIME, time, true)
  view.setUint8(at + MARKED, mark)
  view.setUint8(at + TYPE_LENGTH, typeLength)
  view.setUint32(at + LENGTH, length, true)
}

export const markAt = (bytes: Buffer, at: number): Mark => bytes[at + MARKED] as Mark
export const positionAt = (bytes: Buffer, at: number): Position => bytes.readDoubleLE(at + POSITION)
export const timeAt = (bytes: Buffer, at: number): number => bytes.readDoubleLE(at + TIME)
/** Where the body begins, behind the type. */
export const bodyBegin = (bytes: Buffer, at: number): number => at + HEAD_BYTES + (bytes[at + TYPE_LENGTH] as number)
export const typeAt = (bytes: Buffer, at: number): string =>
  bytes.toString('latin1', at + HEAD_BYTES, bodyBegin(bytes, at))
export const bodyAt = (bytes: Buffer, at: number): string =>
  bytes.toString('utf8', bodyBegin(bytes, at), endAt(bytes, at))
/** Where the one behind it begins. */
export const endAt = (bytes: Buffer, at: number): number => at + HEAD_BYTES + bytes.readUInt32LE(at + LENGTH)

export const versionAt = (bytes: Buffer, at: number): RowVersion => ({
  position: positionAt(bytes, at),
  time: timeAt(bytes, at),
  type: typeAt(bytes, at),
  mark: markAt(bytes, at),
  body: bodyAt(bytes, at),
})

export const encodeVersion = ({ position, time, type, mark, body }: RowVersion): Buffer => {
  const text = Buffer.from(type + body)
  const bytes = Buffer.alloc(HEAD_BYTES + text.length)
  const head = { position, time, mark, typeLength: type.length, length: text.length }
  writeHead(new DataView(bytes.buffer, bytes.byteOffset), 0, head)
  text.copy(bytes, HEAD_BYTES)
  return bytes
}
