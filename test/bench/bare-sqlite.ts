import { DatabaseSync } from 'node:sqlite'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { EventTable } from '../../src/event-store/sqlite/events-table.ts'

const ROWS_A_COMMIT = 1000

/** Inserts events into the store's own tables, 1,000 a commit, and nothing else. */
export const fillEventTable = (file: string, events: readonly RecordedEvent[]): void => {
  const table = new EventTable(file)
  for (let from = 0; from < events.length; from += ROWS_A_COMMIT) {
    const rows = events.slice(from, from + ROWS_A_COMMIT)
    table.insertAll(
      rows.map(event => ({ event, data: JSON.stringify(event.data), metadata: JSON.stringify(event.metadata) })),
    )
    table.writeIndex((rows[0] as RecordedEvent).position - 1, (rows.at(-1) as RecordedEvent).position)
  }
  table.close()
}

const openBare = (file: string) => {
  const database = new DatabaseSync(file)
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS log (position INTEGER PRIMARY KEY, text TEXT)',
  )
  return { database, insert: database.prepare('INSERT INTO log VALUES (?, ?)') }
}

/** Inserts the same events as position and JSON only. */
export const fillBareTable = (file: string, events: readonly RecordedEvent[]): void => {
  const { database, insert } = openBare(file)
  for (let from = 0; from < events.length; from += ROWS_A_COMMIT) {
    database.exec('BEGIN')
    for (const event of events.slice(from, from + ROWS_A_COMMIT)) insert.run(event.position, JSON.stringify(event))
    database.exec('COMMIT')
  }
  database.close()
}

/** One INSERT a commit: the minimal cost of durability for one caller. */
export class BareInserts implements Disposable {
  readonly #bare: ReturnType<typeof openBare>
  #rows = 0

  constructor(file: string) {
    this.#bare = openBare(file)
  }

  insert(texts: readonly string[]): void {
    for (const text of texts) {
      this.#rows += 1
      this.#bare.insert.run(this.#rows, text)
    }
  }

  [Symbol.dispose](): void {
    this.#bare.database.close()
  }
}

/** Reads every row and parses its JSON, and nothing else. */
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
