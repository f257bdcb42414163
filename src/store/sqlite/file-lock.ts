import { DatabaseSync } from 'node:sqlite'
import { StoreUnavailable } from '../event-store.ts'

const SQLITE_BUSY = 5

/**
 * Keeps a file for one process: a second engine on it would decide on a state that is not its own. The lock is that of a
 * small database beside the file, and gone with the process however that ends.
 */
export class FileLock {
  readonly #database: DatabaseSync

  /** @throws StoreUnavailable where another process holds it */
  constructor(file: string) {
    this.#database = new DatabaseSync(`${file}.lock`)
    try {
      this.#database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    } catch (error) {
      this.#database.close()
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
      throw new StoreUnavailable(`${file} is in use by another process: one engine has it at a time`)
    }
  }

  release(): void {
    this.#database.close()
  }
}
