import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Milliseconds in 32 bits. */
export const MAX_DELTA = 0xffff_ffff

/** Events of one namespace per call, as milliseconds since 1970. */
export type NewTimes = readonly (readonly [namespace: string, times: Float64Array])[]

/** A row is written again until it is full. */
const ROW_EVENTS = 4096

export const EVENT_TIMES_SCHEMA = `
  CREATE TABLE event_times (
    namespace TEXT NOT NULL,
    number INTEGER NOT NULL,
    base INTEGER NOT NULL,
    deltas BLOB NOT NULL,
    PRIMARY KEY (namespace, number)
  ) STRICT, WITHOUT ROWID;
`

export const CLEAR_EVENT_TIMES = 'DELETE FROM event_times'

interface Row {
  readonly number: number
  readonly base: number
  readonly deltas: Uint8Array
}

export interface SavedTimes {
  readonly namespace: string
  readonly base: number
  /** Milliseconds after the base, ascending. */
  readonly deltas: Uint32Array
}

const deltasOf = ({ deltas }: Row): Uint32Array => new Uint32Array(Uint8Array.from(deltas).buffer)

export class EventTimesTable {
  readonly #database: DatabaseSync
  readonly #last: StatementSync
  readonly #put: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#last = database.prepare(
      'SELECT number, base, deltas FROM event_times WHERE namespace = ? ORDER BY number DESC LIMIT 1',
    )
    this.#put = database.prepare('INSERT OR REPLACE INTO event_times VALUES (?, ?, ?, ?)')
  }

  add(times: NewTimes): void {
    for (const [namespace, added] of times) this.#append(namespace, added)
  }

  #append(namespace: string, times: Float64Array): void {
    const last = this.#last.get(namespace) as unknown as Row | undefined
    let number = last?.number ?? 0
    let base = last?.base ?? Number.NEGATIVE_INFINITY
    let deltas = last === undefined ? [] : [...deltasOf(last)]
    const put = (): void => {
      if (deltas.length > 0) this.#put.run(namespace, number, base, new Uint8Array(Uint32Array.from(deltas).buffer))
    }
    for (const time of times) {
      if (deltas.length >= ROW_EVENTS || time - base > MAX_DELTA) {
        put()
        number += 1
        base = time
        deltas = []
      }
      deltas.push(time - base)
    }
    put()
  }

  /** Ascending within each namespace. */
  *all(): Iterable<SavedTimes> {
    const rows = this.#database.prepare(
      'SELECT namespace, number, base, deltas FROM event_times ORDER BY namespace, number',
    )
    for (const row of rows.iterate() as unknown as Iterable<Row & { readonly namespace: string }>)
      yield { namespace: row.namespace, base: row.base, deltas: deltasOf(row) }
  }

  /** Returns namespaces whose rows are not numbered from 1 without gaps. */
  misnumbered(): readonly string[] {
    const found = this.#database.prepare(
      'SELECT namespace FROM event_times GROUP BY namespace HAVING min(number) != 1 OR max(number) != count(*)',
    )
    return found.all().map(({ namespace }) => namespace as string)
  }
}
