import type { DatabaseSync } from 'node:sqlite'
import { schemaFaults } from '../../lib/sqlite/schema.ts'
import { StoreCorrupted } from '../event-store.ts'
import { isCorrupt } from './errors.ts'
import { EVENT_SCHEMA } from './event-schema.ts'
import { toReadError } from './read-page.ts'

/**
 * Equal counts prove that no index entry is left over, as no two events share one. SQLite takes `stream` and `revision`
 * from the row of the minimum.
 */
const COMPARE_INDEX = `
  SELECT e.stream, e.revision, min(iif(i.position IS NOT e.position, e.position, NULL)) AS position,
    count(*) FILTER (WHERE i.position IS NOT e.position) AS wrong, count(*) AS events,
    (SELECT count(*) FROM stream_index) AS entries
  FROM events e LEFT JOIN stream_index i ON i.stream = e.stream AND i.revision = e.revision
  WHERE e.position BETWEEN 1 AND (SELECT position FROM stream_index_progress)`

interface ComparedIndex {
  readonly stream: string
  readonly revision: number
  readonly position: number
  readonly wrong: number
  readonly events: number
  readonly entries: number
}

const indexFaults = (database: DatabaseSync): StoreCorrupted[] => {
  const compared = database.prepare(COMPARE_INDEX).get() as unknown as ComparedIndex
  const { stream, revision, position, wrong, events, entries } = compared
  const others = entries - events
  return [
    ...(wrong > 0
      ? [
          new StoreCorrupted(
            { stream, revision, position },
            `the stream index is wrong for ${wrong} events: this is the first`,
          ),
        ]
      : []),
    ...(others > 0 ? [new StoreCorrupted({}, `the stream index has ${others} entries that lead to no event`)] : []),
  ]
}

/** Reads begin at position 1. */
const hiddenEvents = (database: DatabaseSync): StoreCorrupted[] => {
  const hidden = Number(database.prepare('SELECT count(*) AS hidden FROM events WHERE position < 1').get()?.hidden)
  return hidden === 0
    ? []
    : [new StoreCorrupted({}, `${hidden} events have a position before the beginning of the log`)]
}

const foreignSchema = (database: DatabaseSync): StoreCorrupted[] =>
  schemaFaults(database, EVENT_SCHEMA).map(fault => new StoreCorrupted({}, fault))

export const checkDatabase = (database: DatabaseSync): StoreCorrupted[] =>
  [indexFaults, hiddenEvents, foreignSchema].flatMap(check => {
    try {
      return check(database)
    } catch (error) {
      if (isCorrupt(error)) return [new StoreCorrupted({}, (error as Error).message, { cause: error })]
      throw toReadError(error)
    }
  })
