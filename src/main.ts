import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createServer } from './api/server.ts'
import { type Settings, type StoreSetting, WrongSettings } from './config.ts'
import { createEngine } from './engine/create-engine.ts'
import type { Logger } from './engine/logger.ts'
import { seldom } from './engine/seldom.ts'
import type { EventStore } from './store/event-store.ts'

export interface Hark {
  /** Where the API is reached. */
  readonly url: string
  /** Ends in good order: what was acknowledged is durable, and the read models are written down. */
  close(): Promise<void>
}

/** While an outage lasts it is told this often. */
const LOSS_TOLD_EVERY_MS = 60_000

/** Loads the one adapter that is asked for: the other's client is not needed then. */
const openStore = async (setting: StoreSetting, logger: Logger): Promise<EventStore> => {
  if (setting.kind === 'sqlite') {
    const { openSqliteEventStore } = await import('./store/sqlite/sqlite-event-store.ts')
    await mkdir(dirname(setting.file), { recursive: true })
    return openSqliteEventStore({ file: setting.file })
  }
  const { openEventStoreDb } = await import('./store/eventstoredb/eventstoredb-event-store.ts')
  const onLoss = seldom(LOSS_TOLD_EVERY_MS, (error: unknown) =>
    logger.warn({ error }, 'lost the event store: following it again as soon as it answers'),
  )
  try {
    return openEventStoreDb({ connectionString: setting.connectionString, onLoss })
  } catch (error) {
    throw new WrongSettings([`store: the connection string cannot be read: ${(error as Error).message}`])
  }
}

/**
 * Starts Hark: opens the store, starts the engine and listens. It answers as soon as it listens; /readyz tells when the
 * read models have caught up.
 *
 * @throws what kept it from starting, with nothing left open
 */
export const startHark = async (settings: Settings, logger: Logger): Promise<Hark> => {
  const { host, port, data, store: setting, routers, routerGrace } = settings
  await mkdir(data, { recursive: true })
  const opened: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    for (const part of opened.toReversed()) await part.close()
  }
  try {
    const store = await openStore(setting, logger)
    opened.push(store)
    const engine = createEngine({ store, readModelFile: join(data, 'read-models.db'), logger })
    opened.push(engine)
    const { driveRouters } = await import('./router/drive-routers.ts')
    const driven = driveRouters({ engine, routers, logger, graceMs: routerGrace * 1000 })
    opened.push(driven)
    const server = createServer({ engine, logger, routers: driven.activities })
    opened.push(server)
    return { url: await server.listen({ host, port }), close }
  } catch (error) {
    await close()
    throw error
  }
}
