import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createServer } from './api/server.ts'
import type { Settings } from './config.ts'
import { createEngine } from './engine/create-engine.ts'
import type { Logger } from './engine/logger.ts'
import { openStore } from './open-store.ts'

export interface Hark {
  /** Where the API is reached. */
  readonly url: string
  /** Ends in good order: what was acknowledged is durable, and the read models are written down. */
  close(): Promise<void>
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
