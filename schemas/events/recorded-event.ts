import { z } from 'zod'
import type { Position } from './position.ts'

export { BEGINNING, type Position } from './position.ts'

/** The API, an offline command, the engine or an import; imported events keep their origin. */
const VIA = ['graphql', 'cli', 'agent', 'import'] as const
export type Via = (typeof VIA)[number]

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const eventMetadata = z.strictObject({
  /** The version of the data; see upcast.ts. */
  schemaVersion: z.int().min(1),
  actor: z.string().min(1),
  /** Absent in events of Hark 0.1. */
  via: z.enum(VIA).optional(),
  /** The IP address of the request; absent for the engine's own events. */
  clientAddress: z.string().min(1).optional(),
  /** Shared by all effects of one request. */
  correlationId: z.uuid(),
  /** The event that caused this one; absent if a caller did. */
  causationId: z.uuid().optional(),
  /** Idempotency key. */
  commandId: z.string().min(1).optional(),
  /** Absent in events of Hark 0.1. */
  commandHash: sha256.optional(),
  /** W3C Trace Context of the command; absent unless traces are sent. */
  traceparent: z
    .string()
    .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .optional(),
  /** The hash of the stream's previous event. */
  previousHash: sha256.optional(),
})
export type EventMetadata = z.infer<typeof eventMetadata>

export interface RecordedEvent<Type extends string = string, Data = unknown> {
  readonly position: Position
  readonly stream: string
  /** Starts at 0 in each stream and has no gaps. */
  readonly revision: number
  readonly id: string
  readonly type: Type
  /** Recording time: RFC 3339, UTC, milliseconds; never decreases. */
  readonly time: string
  readonly data: Data
  readonly metadata: EventMetadata
}
const WIDTH = 16

/** Padding makes strings sort as positions do. */
export const formatPosition = (position: Position): string => String(position).padStart(WIDTH, '0')

export const parsePosition = (text: string): Position | undefined => {
  if (!/^\d{1,20}$/.test(text)) return undefined
  const position = Number(text)
  return Number.isSafeInteger(position) ? position : undefined
}
