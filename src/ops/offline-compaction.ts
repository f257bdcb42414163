import { BEGINNING } from '../../schemas/events/recorded-event.ts'
import {
  type Compacted,
  type CompactionRequest,
  newBegin,
  nothingRemoved,
} from '../engine/history/compaction/compaction.ts'
import { HistoryDatabase } from '../engine/history/history-database.ts'
import { ReadModelsInUse } from '../engine/read-models/persistence/database.ts'

export { ReadModelsInUse }

export class OfflineCompaction {
  readonly #database: HistoryDatabase

  /** @throws ReadModelsInUse while an engine runs; Error while read models of another version wait to be rebuilt */
  constructor(file: string) {
    this.#database = new HistoryDatabase(file, false)
    const names = this.#database.checkpoints().map(({ name }) => name)
    if (new Set(names).size === names.length) return
    this.#database.close()
    throw new Error(`${file} is being rebuilt: start the engine, which completes it`)
  }

  compact({ before, after, isDryRun }: CompactionRequest): Compacted {
    const kept = newBegin(before, this.#database.positionAt(before - 1), this.#database.keptHistory())
    return kept.position === BEGINNING
      ? nothingRemoved(kept)
      : { ...this.#database.compact({ kept, after, isDryRun }), kept }
  }

  shrink(): void {
    this.#database.shrink()
  }

  close(): void {
    this.#database.close()
  }
}
