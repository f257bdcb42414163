import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { decodeEntries, emptyColumns, encodeEntries, entryAt, type LaneColumns } from './lane-entries.ts'
import { NO_RESOURCE } from './lane-status.ts'

interface StoredLane {
  readonly id: number
  readonly wasRemoved: number
}

/** Within a transaction. */
export class LaneTrimmer {
  readonly #find: StatementSync
  readonly #rowAt: StatementSync
  readonly #removeBefore: StatementSync
  readonly #put: StatementSync
  readonly #rows: StatementSync
  readonly #first: StatementSync
  readonly #setKey: StatementSync
  readonly #removeKey: StatementSync
  readonly #columns = emptyColumns()

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT id, was_removed AS wasRemoved FROM lane_keys WHERE scope = ? AND key = ?')
    this.#rowAt = database.prepare(
      'SELECT first, entries FROM lane_entries WHERE key = ? AND first < ? ORDER BY first DESC LIMIT 1',
    )
    this.#removeBefore = database.prepare('DELETE FROM lane_entries WHERE key = ? AND first < ?')
    this.#put = database.prepare('INSERT INTO lane_entries VALUES (?, ?, ?)')
    this.#rows = database.prepare('SELECT entries FROM lane_entries WHERE key = ?')
    this.#first = database.prepare('SELECT min(first) AS first FROM lane_entries WHERE key = ?')
    this.#setKey = database.prepare('UPDATE lane_keys SET first = ?, was_removed = ? WHERE id = ?')
    this.#removeKey = database.prepare('DELETE FROM lane_keys WHERE id = ?')
  }

  trim(scope: string, key: string, from: Position): void {
    const lane = this.#find.get(scope, key) as StoredLane | undefined
    if (lane === undefined) return
    const { id, wasRemoved } = lane
    const row = this.#rowAt.get(id, from) as { entries: Uint8Array } | undefined
    if (row === undefined) return
    this.#removeBefore.run(id, from)
    this.#putRest(id, row.entries, from)
    const first = this.#first.get(id)?.first as Position | null
    if (first === null) this.#removeKey.run(id)
    else this.#setKey.run(first, Number(wasRemoved === 1 && this.#hasRemoval(id)), id)
  }

  #putRest(id: number, entries: Uint8Array, from: Position): void {
    const columns = this.#decoded(entries)
    const begin = columns.position.subarray(0, columns.length).findIndex(position => position >= from)
    if (begin < 0) return
    const rest = Array.from({ length: columns.length - begin }, (_, place) => entryAt(columns, begin + place))
    this.#put.run(id, columns.position[begin] as number, encodeEntries(rest))
  }

  #hasRemoval(id: number): boolean {
    for (const { entries } of this.#rows.iterate(id) as Iterable<{ entries: Uint8Array }>) {
      const { codes, length } = this.#decoded(entries)
      if (codes.subarray(0, length).includes(NO_RESOURCE.codes)) return true
    }
    return false
  }

  #decoded(entries: Uint8Array): LaneColumns {
    this.#columns.length = 0
    decodeEntries(entries, this.#columns)
    return this.#columns
  }
}
