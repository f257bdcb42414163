import type { StatementSync } from 'node:sqlite'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { EventsMissing, StoreCorrupted, StoreUnavailable } from '../event-store.ts'
import { describeError, isCorrupt } from './errors.ts'

export const PAGE = 1000

export type Matches = (stream: string) => boolean

export const everyStream: Matches = () => true

export type Placed = readonly [number, string, ...unknown[]]

export interface Page<Event = RecordedEvent> {
  readonly events: Event[]
  /** Includes rows that do not match. */
  readonly last: Position
  readonly atEnd: boolean
}

interface RowMapper<R extends Placed, Event> {
  readonly statement: StatementSync
  readonly matches: Matches
  readonly map: (row: R) => Event
}

export const toReadError = (error: unknown): StoreUnavailable =>
  new StoreUnavailable(`the event store could not read: ${describeError(error)}`, { cause: error })

/** Ends before a damaged row, and throws if it is the first. @param to a position in the log */
export const pageForward = <R extends Placed, Event>(
  making: RowMapper<R, Event>,
  after: Position,
  to: Position,
  limit: number,
): Page<Event> => {
  let rows: R[]
  try {
    rows = making.statement.all(after, to, limit) as unknown as R[]
  } catch (error) {
    if (!isCorrupt(error)) throw toReadError(error)
    // Single rows reach the damaged one.
    if (limit > 1) return pageForward(making, after, to, 1)
    throw new StoreCorrupted({ position: after + 1 }, (error as Error).message, { cause: error })
  }
  return toPage(rows, { from: after, step: 1, end: to, limit }, making)
}

interface Reading {
  readonly from: Position
  readonly step: 1 | -1
  /** Last position that must exist. */
  readonly end: Position
  readonly limit: number
}

/** A missing position is a missing event. */
export const toPage = <R extends Placed, Event>(
  rows: readonly R[],
  { from, step, end, limit }: Reading,
  { matches, map: make }: Pick<RowMapper<R, Event>, 'matches' | 'map'>,
): Page<Event> => {
  const events: Event[] = []
  let last = from
  try {
    for (const row of rows) {
      const expected = last + step
      if (row[0] !== expected)
        throw step === 1 ? new EventsMissing(expected, row[0] - 1) : new EventsMissing(row[0] + 1, expected)
      if (typeof row[1] !== 'string') throw new StoreCorrupted({ position: expected }, 'it is not an event')
      if (matches(row[1])) events.push(make(row))
      last = row[0]
    }
    const atEnd = rows.length < limit
    if (atEnd && (end - last) * step > 0)
      throw step === 1 ? new EventsMissing(last + 1, end) : new EventsMissing(end, last - 1)
    return { events, last, atEnd }
  } catch (error) {
    if (last === from) throw error
    return { events, last, atEnd: false }
  }
}
