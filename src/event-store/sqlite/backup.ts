import { randomUUID } from 'node:crypto'
import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { syncToDisk } from '../../lib/files/sync-to-disk.ts'
import { OPENING_MS, openPrivate } from '../../lib/sqlite/file.ts'

/** A step of 1 MB holds the lock of the copy alone, so the size only sets how often progress is reported. */
const PAGES_PER_STEP = 256
/** A commit of the engine may wait until the file system has written what was copied since the last sync. */
const STEPS_PER_SYNC = 4

interface BackupOptions {
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

interface BackedUp {
  readonly position: Position
  readonly bytes: number
}

const beginSnapshot = (database: DatabaseSync): Position => {
  database.exec('BEGIN')
  const last = database.prepare('SELECT max(position) AS position FROM events').get() as { position: number | null }
  return last.position ?? BEGINNING
}

/**
 * Copies a log as of one moment. A process may write it meanwhile, and does not wait.
 *
 * @throws Error if the copy exists, cannot be written, or the signal is aborted; then there is no copy
 */
export const backupLog = async (file: string, copy: string, options: BackupOptions): Promise<BackedUp> => {
  const { onProgress, signal } = options
  if (existsSync(copy)) throw new Error(`${copy} exists: choose another name`)
  // Two backups to one name do not write one file.
  const partial = `${copy}.${randomUUID()}.partial`
  const source = new DatabaseSync(file, { timeout: OPENING_MS })
  try {
    const position = beginSnapshot(source)
    openPrivate(partial).close()
    let steps = 0
    await backup(source, partial, {
      rate: PAGES_PER_STEP,
      progress: ({ totalPages, remainingPages }) => {
        signal.throwIfAborted()
        steps += 1
        if (steps % STEPS_PER_SYNC === 0) syncToDisk(partial)
        onProgress(totalPages - remainingPages, totalPages)
      },
    })
    signal.throwIfAborted()
    syncToDisk(partial)
    if (existsSync(copy)) throw new Error(`${copy} was created meanwhile: choose another name`)
    renameSync(partial, copy)
    syncToDisk(dirname(copy))
    return { position, bytes: statSync(copy).size }
  } catch (error) {
    for (const part of ['', '-journal', '-wal', '-shm']) rmSync(`${partial}${part}`, { force: true })
    throw error
  } finally {
    source.close()
  }
}
