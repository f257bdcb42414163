import { DatabaseSync } from 'node:sqlite'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { EventTable } from '../../src/event-store/sqlite/events-table.ts'

const ROWS_A_COMMIT = 1000

/** Fills the store's own tables with events, a thousand to a commit, and does nothing else: what the disk can take. */
export const fillEventTable = (file: string, events: readonly RecordedEvent[]): void => {
  const table = new EventTable(file)
  for (let from = 0; from < events.length; from += ROWS_A_COMMIT) {
    const rows = events.slice(from, from + ROWS_A_COMMIT)
    table.insertAll(
      rows.map(event => ({ event, data: JSON.stringify(event.data), metadata: JSON.stringify(event.metadata) })),
    )
    table.writeIndex(rows)
  }
  table.close()
}

const openBare = (file: string) => {
  const database = new DatabaseSync(file)
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE log (position INTEGER PRIMARY KEY, text TEXT)',
  )
  return { database, insert: database.prepare('INSERT INTO log VALUES (?, ?)') }
}

/** The same events as nothing but a position and a text. */
export const fillBareTable = (file: string, events: readonly RecordedEvent[]): void => {
  const { database, insert } = openBare(file)
  for (let from = 0; from < events.length; from += ROWS_A_COMMIT) {
    database.exec('BEGIN')
    for (const event of events.slice(from, from + ROWS_A_COMMIT)) insert.run(event.position, JSON.stringify(event))
    database.exec('COMMIT')
  }
  database.close()
}

/** One INSERT a commit: the least that being durable costs one caller. */
export const insertOneByOne = (file: string, texts: readonly string[]): void => {
  const { database, insert } = openBare(file)
  for (const [index, text] of texts.entries()) insert.run(index + 1, text)
  database.close()
}

/** Reads every row back and parses its JSON, and does nothing else. */
export const readAndParse = (file: string): number => {
  const database = new DatabaseSync(file)
  let rows = 0
  for (const row of database
    .prepare('SELECT position, stream, revision, id, type, time, data, metadata FROM events ORDER BY position')
    .iterate()) {
    JSON.parse(row.data as string)
    JSON.parse(row.metadata as string)
    rows += 1
  }
  database.close()
  return rows
}
