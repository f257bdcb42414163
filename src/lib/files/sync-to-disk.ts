import { closeSync, fsyncSync, openSync } from 'node:fs'

/** A file, or the entries of a folder. */
export const syncToDisk = (path: string): void => {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
