import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { EventStore } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** Calls `body` with a path for a new log. */
export const withFile = async (body: (file: string) => Promise<void>): Promise<void> => {
  await using folder = await scratchFolder()
  await body(join(folder.path, 'events.db'))
}

export const withStore = async (
  file: string,
  body: (store: EventStore) => Promise<void>,
  now?: () => Date,
): Promise<void> => {
  const store = openSqliteEventStore({ file, ...(now && { now }) })
  try {
    await body(store)
  } finally {
    await store.close()
  }
}

export const execute = (file: string, sql: string): void => {
  const database = new DatabaseSync(file)
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}
