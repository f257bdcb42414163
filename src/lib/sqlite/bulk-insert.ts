import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

/** To run a statement costs as much as to insert a row. */
const ROWS_AT_ONCE = 16

type Row = readonly SQLInputValue[]

/** Inserts many rows of a table in few statements. Runs within a transaction. */
export class BulkInsert {
  readonly #one: StatementSync
  readonly #many: StatementSync

  /** @param insert for instance `INSERT INTO events` */
  constructor(database: DatabaseSync, insert: string, columns: number) {
    const row = `(${Array(columns).fill('?').join(', ')})`
    this.#one = database.prepare(`${insert} VALUES ${row}`)
    this.#many = database.prepare(`${insert} VALUES ${Array(ROWS_AT_ONCE).fill(row).join(', ')}`)
  }

  run(rows: Iterable<Row>): void {
    let waiting: Row[] = []
    for (const row of rows) {
      waiting.push(row)
      if (waiting.length < ROWS_AT_ONCE) continue
      this.#many.run(...waiting.flat())
      waiting = []
    }
    for (const row of waiting) this.#one.run(...row)
  }
}
