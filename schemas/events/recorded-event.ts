import { z } from 'zod'

/**
 * A place in the log: positive and strictly increasing. In EventStoreDB it is a byte offset, in SQLite a counter; both stay
 * below 2^53, so a number holds them exactly.
 */
export type Position = number

/** Before the first event of a log. */
export const BEGINNING: Position = 0

/** The origin of an event: the API, an offline command, the engine itself or an import; imported events keep theirs. */
export const VIA = ['graphql', 'cli', 'agent', 'import'] as const
export type Via = (typeof VIA)[number]

/** SHA-256 as 64 hexadecimal digits. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** Stored beside the data of an event. */
export const eventMetadata = z.strictObject({
  /** Of the event's data; see upcast.ts. */
  schemaVersion: z.int().min(1),
  actor: z.string().min(1),
  /** Absent in events of Hark 0.1. */
  via: z.enum(VIA).optional(),
  /** IP address of the request; absent for what the engine does itself. */
  clientAddress: z.string().min(1).optional(),
  /** Shared by everything that one request caused. */
  correlationId: z.uuid(),
  /** Id of the event that caused this one; absent if a caller did. */
  causationId: z.uuid().optional(),
  /** Idempotency key of the command. */
  commandId: z.string().min(1).optional(),
  /** Of the command with that id; absent in events of Hark 0.1. */
  commandHash: sha256.optional(),
  /** Hash of the previous event of the stream. */
  previousHash: sha256.optional(),
})
export type EventMetadata = z.infer<typeof eventMetadata>

/** An event as a store returns it. */
export interface RecordedEvent<Type extends string = string, Data = unknown> {
  readonly position: Position
  readonly stream: string
  /** In the stream: 0 for the first event, without gaps. */
  readonly revision: number
  readonly id: string
  readonly type: Type
  /** When the store recorded it: RFC 3339, UTC, milliseconds; never before the previous event's. */
  readonly time: string
  readonly data: Data
  readonly metadata: EventMetadata
}
const WIDTH = 16

/** Padded, so that strings sort as positions do. */
export const formatPosition = (position: Position): string => String(position).padStart(WIDTH, '0')

/** Parses a position, padded or not; undefined if it is invalid. */
export const parsePosition = (text: string): Position | undefined => {
  if (!/^\d{1,20}$/.test(text)) return undefined
  const position = Number(text)
  return Number.isSafeInteger(position) ? position : undefined
}
