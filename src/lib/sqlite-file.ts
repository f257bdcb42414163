import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/** What SQLite keeps beside a file while some process has it open for writing, or one was killed that had. */
const PARTS = ['-wal', '-shm'] as const
const IN_MEMORY = ':memory:'

const PRIVATE = 0o600
const OTHERS = 0o077

/** Whether some process has the file open for writing, or was killed when it had. */
export const isUnsettled = (file: string): boolean => existsSync(`${file}-wal`)

/**
 * The name under which SQLite reads a file that nobody writes, and leaves nothing beside it: else it makes files to keep
 * readers and writers apart, and who only reads may not take them away again.
 */
export const readOnlyName = (file: string): string => {
  const url = pathToFileURL(file)
  url.searchParams.set('immutable', '1')
  return url.href
}

/** Lets SQLite put in its place what a process that was killed left beside a file. @throws where another one has it */
const settle = (file: string): void => {
  const database = new DatabaseSync(file)
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
  } finally {
    database.close()
  }
}

/** Opens a file to be read, and leaves nothing beside it that was not there. */
export const openReadOnly = (file: string): DatabaseSync => {
  if (isUnsettled(file)) settle(file)
  // Whoever has it still writes to it: then it is read along with that.
  return new DatabaseSync(isUnsettled(file) ? file : readOnlyName(file), { readOnly: true })
}

/**
 * Makes a file of SQLite's its owner's alone, whatever the umask, before anything is in it. SQLite gives what it keeps
 * beside it the same mode.
 */
const makePrivate = (file: string): void => {
  if (file === IN_MEMORY) return
  closeSync(openSync(file, 'a', PRIVATE))
  for (const part of ['', ...PARTS]) takeFromOthers(`${file}${part}`)
}

/** Opens a file to be written, which is its owner's alone. */
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
    // It is another user's, who lets this one write it: that is theirs to change.
  }
}
