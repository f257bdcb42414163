import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** For its owner alone. */
const PRIVATE = 0o600
/** For everybody to read. */
export const PUBLIC = 0o644

const syncFolder = (folder: string): void => {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/**
 * Takes a file's place at once, durably: a reader, or a crash, finds the old contents or the new.
 *
 * @param mode who may read it: its owner alone, unless it is said
 * @throws Error where it cannot be written; the old contents are there then
 */
export const writeFileAtomic = (file: string, text: string, mode = PRIVATE): void => {
  const fresh = `${file}.${process.pid}.new`
  try {
    const handle = openSync(fresh, 'wx', mode)
    try {
      writeSync(handle, text)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(fresh, file)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
  syncFolder(dirname(file))
}
