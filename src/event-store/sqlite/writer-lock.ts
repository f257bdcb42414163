import type { DatabaseSync } from 'node:sqlite'
import { IN_MEMORY, openPrivate } from '../../lib/sqlite/file.ts'

const lockFile = (file: string): string => (file === IN_MEMORY ? IN_MEMORY : `${file}.lock`)

/**
 * Prevents a second writer, which would decide on stale state, while other programs can read the log. The lock is on an
 * empty SQLite database beside the log, and ends with the process that holds it.
 *
 * @throws if another process holds it
 */
export const lockForWriting = (file: string): DatabaseSync => {
  const lock = openPrivate(lockFile(file))
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}
