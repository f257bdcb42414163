import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/** SQLite leaves these beside a database that is open to write, or after a crash. */
const PARTS = ['-wal', '-shm'] as const
export const IN_MEMORY = ':memory:'

const PRIVATE = 0o600
const OTHERS = 0o077

/** Whether a process writes the file, or crashed while it did. */
export const isUnsettled = (file: string): boolean => existsSync(`${file}-wal`)

/** Returns a name that SQLite opens as immutable, as a reader could not remove a new `-wal` file. */
const readOnlyName = (file: string): string => {
  const url = pathToFileURL(file)
  url.searchParams.set('immutable', '1')
  return url.href
}

/** @throws if another process holds it */
const settle = (file: string): void => {
  const database = new DatabaseSync(file)
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
  } finally {
    database.close()
  }
}

/** Leaves no new file beside the database. */
export const openReadOnly = (file: string): DatabaseSync => {
  if (isUnsettled(file)) settle(file)
  // Another process writes the file, so its `-wal` file counts.
  return new DatabaseSync(isUnsettled(file) ? file : readOnlyName(file), { readOnly: true })
}

/** Restricts a file to its owner before it has content. SQLite copies its mode to the files beside it. */
const makePrivate = (file: string): void => {
  if (file === IN_MEMORY) return
  closeSync(openSync(file, 'a', PRIVATE))
  for (const part of ['', ...PARTS]) takeFromOthers(`${file}${part}`)
}

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
    // The file belongs to another user.
  }
}
