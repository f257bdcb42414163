import { z } from 'zod'

/**
 * A place in the event log: positive, strictly growing, comparable with `<`. Where the log is EventStoreDB it is a byte
 * offset, in SQLite a counter; both stay below 2^53 for as long as anybody's disk lasts, so a number holds them exactly.
 */
export type Position = number

/** Before the first event of a log. */
export const BEGINNING: Position = 0

/**
 * By which way an event came to be: through the API, by the command `hark`, by what Hark does of itself, or by an import,
 * which tells of itself alone: what it brings keeps the way by which that came to be.
 */
export const VIA = ['graphql', 'cli', 'agent', 'import'] as const
export type Via = (typeof VIA)[number]

/** SHA-256 as 64 hexadecimal digits. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** Who asked for an event, how, and what it answers to. It is stored beside the event's data. */
export const eventMetadata = z.strictObject({
  /** The version of the event's schema; upcasters bring older ones forward. */
  schemaVersion: z.int().min(1),
  actor: z.string().min(1),
  /** Absent in events of Hark 0.1 and before. */
  via: z.enum(VIA).optional(),
  /** Where the request came from: an IP address. Absent where it came from within. */
  clientAddress: z.string().min(1).optional(),
  /** One id for everything that one request brought about. */
  correlationId: z.uuid(),
  /** The id of the event that caused this one, where an event did and not a caller. */
  causationId: z.uuid().optional(),
  /** The caller's own id of its command, where it gave one: what makes a retry harmless. */
  commandId: z.string().min(1).optional(),
  /** What that command asked: see src/engine/command-hash.ts. Absent without an id, and in events of Hark 0.1 and before. */
  commandHash: sha256.optional(),
  /** The hash of the event before this one in its stream: see schemas/event-hash.ts. */
  previousHash: sha256.optional(),
})
export type EventMetadata = z.infer<typeof eventMetadata>

/** An event as a store gives it back. */
export interface RecordedEvent<Type extends string = string, Data = unknown> {
  readonly position: Position
  readonly stream: string
  /** 0 for the first event of the stream, then without gaps. */
  readonly revision: number
  readonly id: string
  readonly type: Type
  /** When the store recorded it, RFC 3339 in UTC with milliseconds; never earlier than that of the event before it. */
  readonly time: string
  readonly data: Data
  readonly metadata: EventMetadata
}
const WIDTH = 16

/** A position as clients see it: padded, so that later ones are greater as texts too. */
export const formatPosition = (position: Position): string => String(position).padStart(WIDTH, '0')

/** A position as clients write it, padded or not; undefined for a text that is none. */
export const parsePosition = (text: string): Position | undefined => {
  if (!/^\d{1,20}$/.test(text)) return undefined
  const position = Number(text)
  return Number.isSafeInteger(position) ? position : undefined
}
