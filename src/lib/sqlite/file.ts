import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

const PARTS = ['-wal', '-shm'] as const
export const IN_MEMORY = ':memory:'

/** Limit of waiting for a process that closes the database. */
export const OPENING_MS = 1000

const READ_ONLY = 8
const CANNOT_OPEN = 14

const isReadOnly = (error: unknown): boolean =>
  [READ_ONLY, CANNOT_OPEN].includes(((error as { errcode?: number }).errcode ?? 0) & 0xff)

const PRIVATE = 0o600
const OTHERS = 0o077

const isUnsettled = (file: string): boolean => existsSync(`${file}-wal`)

const uriOf = (file: string, parameters: Readonly<Record<string, string>>): string => {
  const url = pathToFileURL(file)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** An immutable database gets no `-wal` file, which a reader could not remove. */
const openImmutable = (file: string): DatabaseSync =>
  new DatabaseSync(uriOf(file, { immutable: '1' }), { readOnly: true })

/**
 * Another process may write it meanwhile. Leaves no file beside it once closed.
 *
 * @throws if there is no such file, or another process has it for itself
 */
export const openSnapshot = (file: string): DatabaseSync => {
  // A read-only connection could not remove the files that SQLite needs beside the database.
  const database = new DatabaseSync(uriOf(file, { mode: 'rw' }), { timeout: OPENING_MS })
  try {
    database.exec('PRAGMA query_only = 1; BEGIN')
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return database
  } catch (error) {
    database.close()
    if (!isReadOnly(error) || isUnsettled(file)) throw error
    return openImmutable(file)
  }
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
