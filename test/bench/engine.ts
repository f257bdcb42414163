import { join } from 'node:path'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { silentLogger } from '../doubles/silent-logger.ts'
import type { EventStore } from '../../src/store/event-store.ts'
import { openSqliteEventStore } from '../../src/store/sqlite/sqlite-event-store.ts'

export const eventFile = (folder: string): string => join(folder, 'events.db')
export const readModelFile = (folder: string): string => join(folder, 'read-models.db')

/** Runs `work` with an engine on a SQLite store in the folder, ready. */
export const withEngine = async <T>(folder: string, work: (open: { engine: Engine; store: EventStore }) => Promise<T>): Promise<T> => {
  const store = openSqliteEventStore({ file: eventFile(folder) })
  const engine = createEngine({ store, readModelFile: readModelFile(folder), logger: silentLogger })
  try {
    await engine.whenReady()
    return await work({ engine, store })
  } finally {
    await engine.close()
    await store.close()
  }
}
