import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncToDisk } from './sync-to-disk.ts'

const PRIVATE = 0o600
export const PUBLIC = 0o644

/**
 * After a crash, the file has the old contents or the new.
 *
 * @throws Error if it cannot be written; the old contents remain
 */
export const writeFileAtomic = (file: string, text: string, mode = PRIVATE): void => {
  const fresh = `${file}.${process.pid}.new`
  try {
    const handle = openSync(fresh, 'wx', mode)
    try {
      writeFileSync(handle, text)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(fresh, file)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw new Error(`${file} cannot be written: ${(error as Error).message}`, { cause: error })
  }
  syncToDisk(dirname(file))
}
