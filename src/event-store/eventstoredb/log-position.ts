import type { Position as LogPosition } from '@eventstore/db-client'
import type { Position } from '../../../schemas/events/recorded-event.ts'

/** The two positions of an event differ only in transactions, which Hark does not use. */
export const logPosition = (position: Position): LogPosition => ({
  commit: BigInt(position),
  prepare: BigInt(position),
})
