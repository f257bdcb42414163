import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/** SQLite keeps these beside a file while a process has it open to write, or after that was killed. */
const PARTS = ['-wal', '-shm'] as const
const IN_MEMORY = ':memory:'

const PRIVATE = 0o600
const OTHERS = 0o077

/** Whether a process has the file open to write, or was killed while it had. */
export const isUnsettled = (file: string): boolean => existsSync(`${file}-wal`)

/**
 * Returns the name under which SQLite reads a file that no process writes. As it is immutable, SQLite makes no files beside
 * it, which a reader could not remove.
 */
export const readOnlyName = (file: string): string => {
  const url = pathToFileURL(file)
  url.searchParams.set('immutable', '1')
  return url.href
}

/** Lets SQLite recover what a killed process left beside a file. @throws if another process has it */
const settle = (file: string): void => {
  const database = new DatabaseSync(file)
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
  } finally {
    database.close()
  }
}

/** Opens a file to read, and leaves no new file beside it. */
export const openReadOnly = (file: string): DatabaseSync => {
  if (isUnsettled(file)) settle(file)
  // It is unsettled still if a process writes it: it is read along with that.
  return new DatabaseSync(isUnsettled(file) ? file : readOnlyName(file), { readOnly: true })
}

/** Restricts a database file to its owner before it has content, whatever the umask. SQLite copies the mode to files beside it. */
const makePrivate = (file: string): void => {
  if (file === IN_MEMORY) return
  closeSync(openSync(file, 'a', PRIVATE))
  for (const part of ['', ...PARTS]) takeFromOthers(`${file}${part}`)
}

/** Opens a file to write, restricted to its owner. */
export const openPrivate = (file: string): DatabaseSync => {
  makePrivate(file)
  return new DatabaseSync(file)
}

const takeFromOthers = (file: string): void => {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined || (found.mode & OTHERS) === 0) return
  try {
    chmodSync(file, found.mode & ~OTHERS)
  } catch {
    // It belongs to another user, who allows this one to write it.
  }
}
