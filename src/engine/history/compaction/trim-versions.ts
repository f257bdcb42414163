import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { VERSION_KIND } from '../row-version.ts'

/** Bytes that SQLite stores for a version beside its texts, and for its entry in a lane. */
const BYTES_PER_VERSION = 28

export interface RowKey {
  readonly id: number
  readonly scope: string
  readonly key: string
}

interface Removable {
  readonly before: Position
  readonly versions: number
  readonly bytes: number
}

interface Base {
  readonly position: Position
  readonly kind: number
}

/** Removes versions that no state at a position or later is made of. */
export class VersionTrimmer {
  readonly #keys: StatementSync
  readonly #lastKey: StatementSync
  readonly #base: StatementSync
  readonly #older: StatementSync
  readonly #remove: StatementSync
  readonly #any: StatementSync
  readonly #removeKey: StatementSync
  readonly #removeFilings: StatementSync

  constructor(database: DatabaseSync) {
    this.#keys = database.prepare('SELECT id, scope, key FROM version_keys WHERE id > ? ORDER BY id LIMIT ?')
    this.#lastKey = database.prepare('SELECT max(id) AS id FROM version_keys')
    this.#base = database.prepare(
      `SELECT position, kind FROM versions WHERE key = ? AND position <= ? AND kind != ${VERSION_KIND.patch}
       ORDER BY position DESC LIMIT 1`,
    )
    this.#older = database.prepare(
      'SELECT count(*) AS count, sum(length(type) + length(body)) AS characters FROM versions WHERE key = ? AND position < ?',
    )
    this.#remove = database.prepare('DELETE FROM versions WHERE key = ? AND position < ?')
    this.#any = database.prepare('SELECT 1 FROM versions WHERE key = ? LIMIT 1')
    this.#removeKey = database.prepare('DELETE FROM version_keys WHERE id = ?')
    this.#removeFilings = database.prepare('DELETE FROM version_filings WHERE scope = ? AND key = ?')
  }

  keys(after: number, most: number): RowKey[] {
    return this.#keys.all(after, most) as unknown as RowKey[]
  }

  get lastId(): number {
    return Number(this.#lastKey.get()?.id ?? 0)
  }

  removable(id: number, kept: Position): Removable | undefined {
    const base = this.#base.get(id, kept) as Base | undefined
    if (base === undefined) return undefined
    const before = base.kind === VERSION_KIND.removed ? base.position + 1 : base.position
    const { count, characters } = this.#older.get(id, before) as { count: number; characters: number | null }
    return count === 0 ? undefined : { before, versions: count, bytes: (characters ?? 0) + count * BYTES_PER_VERSION }
  }

  remove({ id, scope, key }: RowKey, before: Position): void {
    this.#remove.run(id, before)
    if (this.#any.get(id) !== undefined) return
    this.#removeKey.run(id)
    this.#removeFilings.run(scope, key)
  }
}
