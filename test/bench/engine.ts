import { join } from 'node:path'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { ConnectRebuilder } from '../../src/engine/rebuild/types.ts'
import type { EventStore } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { rebuilderOf } from '../../src/ops/running-rebuild/connect.ts'
import { silentLogger } from '../fakes/silent-logger.ts'

export const eventFile = (folder: string): string => join(folder, 'events.db')
export const readModelFile = (folder: string): string => join(folder, 'read-models.db')

export interface Open {
  readonly engine: Engine
  readonly store: EventStore
}

/** Runs `work` with a ready engine on a store, and closes the store. */
export const withEngineOn = async <T>(
  store: EventStore,
  folder: string,
  work: (open: Open) => Promise<T>,
  connectRebuilder?: ConnectRebuilder,
): Promise<T> => {
  const engine = createEngine({
    store,
    readModelFile: readModelFile(folder),
    logger: silentLogger,
    ...(connectRebuilder && { connectRebuilder }),
  })
  try {
    await engine.whenReady()
    return await work({ engine, store })
  } finally {
    await engine.close()
    await store.close()
  }
}

const rebuilderIn = (folder: string): ConnectRebuilder => rebuilderOf({ kind: 'sqlite', file: eventFile(folder) })

/** Runs `work` with an engine on a SQLite store in the folder. */
export const withEngine = <T>(folder: string, work: (open: Open) => Promise<T>): Promise<T> =>
  withEngineOn(openSqliteEventStore({ file: eventFile(folder) }), folder, work, rebuilderIn(folder))

/** As `withEngine`, with the hash chain. */
export const withChainedEngine = <T>(folder: string, work: (open: Open) => Promise<T>): Promise<T> =>
  withEngineOn(chainedStore(openSqliteEventStore({ file: eventFile(folder) })), folder, work, rebuilderIn(folder))
