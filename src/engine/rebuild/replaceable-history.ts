import { linkSync, renameSync } from 'node:fs'
import { HistoryDatabase } from '../history/history-database.ts'
import { assertWritten, ReadModelsInUse } from '../read-models/persistence/database.ts'

/** While no connection is open, between two of an engine, another process can open the file. */
const RETRY_MS = 20
const MOST_RETRIES = 500

const pause = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, milliseconds)

const openPatiently = (file: string, retries = MOST_RETRIES): HistoryDatabase => {
  try {
    return new HistoryDatabase(file)
  } catch (error) {
    if (!(error instanceof ReadModelsInUse) || retries === 0) throw error
    pause(RETRY_MS)
    return openPatiently(file, retries - 1)
  }
}

export type ServedHistory = HistoryDatabase & Pick<ReplaceableHistory, 'replaceBy'>

export const servedBy =
  (history: ReplaceableHistory) =>
  (method: string): object =>
    method === 'replaceBy' ? history : history.database

export class ReplaceableHistory {
  readonly #file: string
  /** Undefined if it could not be opened again. */
  #database: HistoryDatabase | undefined

  constructor(file: string) {
    this.#file = file
    this.#database = openPatiently(file)
  }

  get database(): HistoryDatabase {
    this.#database ??= openPatiently(this.#file, 0)
    return this.#database
  }

  /**
   * Whenever the process ends meanwhile, the file is the old or the new one.
   *
   * @param fresh a closed database on the same disk
   * @param keptAs another name under which the old file stays
   * @throws Error if the old file stays in use
   */
  replaceBy(fresh: string, keptAs: string | undefined): void {
    this.database.close()
    this.#database = undefined
    try {
      // What is left of the old file would count as part of the new one.
      for (const file of [this.#file, fresh]) assertWritten(file)
      if (keptAs !== undefined) linkSync(this.#file, keptAs)
      renameSync(fresh, this.#file)
    } finally {
      this.#database = openPatiently(this.#file)
    }
  }
}
