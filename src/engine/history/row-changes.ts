import { unavailable } from '../../../schemas/errors.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { History } from './history.ts'
import { type ChangesOfEvent, type FollowedRows, ReplayedTables } from './replayed-tables.ts'
import type { ChangePage, RowChange } from './version-store.ts'

const PAGE = 2000

export class PastChanges {
  readonly #history: History
  readonly #models: ReadModels

  constructor(history: History, models: ReadModels) {
    this.#history = history
    this.#models = models
  }

  async replica(followed: readonly FollowedRows[], position: Position): Promise<ReplayedTables> {
    const replica = new ReplayedTables(followed)
    replica.load(await this.#history.query<[number, string, object][]>(position, { of: 'rows', followed }))
    return replica
  }

  /** @throws HarkError UNAVAILABLE if read models are rebuilt meanwhile, because rows may then differ */
  async *between(
    replica: ReplayedTables,
    followed: readonly FollowedRows[],
    after: Position,
    to: Position,
  ): AsyncGenerator<ChangesOfEvent> {
    const { generation } = this.#models
    for (let from = after; from < to; ) {
      const page = await this.#history.query<ChangePage>(to, { of: 'changes', followed, after: from, most: PAGE })
      if (this.#models.generation !== generation) throw unavailable('the read models were rebuilt: subscribe again')
      for (const rows of byEvent(JSON.parse(page.changes))) yield replica.take(rows)
      from = page.through
    }
  }
}

function* byEvent(changes: Iterable<RowChange>): Iterable<RowChange[]> {
  let rows: RowChange[] = []
  for (const change of changes) {
    if (rows.length > 0 && rows[0]?.position !== change.position) {
      yield rows
      rows = []
    }
    rows.push(change)
  }
  if (rows.length > 0) yield rows
}
