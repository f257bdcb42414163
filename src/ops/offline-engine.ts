import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Hark } from '../app.ts'
import type { StoreSetting } from '../config/load.ts'
import { createEngine } from '../engine/create-engine.ts'
import type { LastWatched } from '../engine/history/observed-time.ts'
import { WATCHED_FILE, WatchedRouters } from '../engine/history/watched-routers.ts'
import { decorateStore } from '../event-store/decorate-store.ts'
import { type EventStore, StoreUnavailable } from '../event-store/event-store.ts'
import { lastPosition } from '../event-store/last-event.ts'
import { abortable } from '../lib/abortable.ts'
import type { Logger } from '../lib/logger.ts'
import { openStore } from '../open-store.ts'
import { createServer } from '../server/server.ts'
import { importLog } from './transfer/import-log.ts'

/** A store, or a log that was exported to a file. */
export type OfflineSource = StoreSetting | { readonly kind: 'exported'; readonly file: string }

export interface OfflineOptions {
  readonly logger: Logger
  /** Told how far it is. */
  readonly onProgress: (done: number, total: number) => void
  /** Gives it up. */
  readonly signal: AbortSignal
}

const PROGRESS_EVERY_MS = 100

/** Whoever only looks changes nothing, whatever is asked of the engine. */
const readOnly = (store: EventStore): EventStore =>
  decorateStore(store, {
    append: () => Promise.reject(new StoreUnavailable('the store is opened to be read alone')),
  })

/** An embedded store lies in the folder of its engine's data as a rule; of another one no more is known than it says. */
const lastWatchedBeside = (setting: StoreSetting): LastWatched => {
  if (setting.kind !== 'sqlite') return () => undefined
  const watched = new WatchedRouters(join(dirname(setting.file), WATCHED_FILE))
  return (namespace, { driver }) => watched.until(namespace, driver)
}

/**
 * Lets a store, or an exported log, be asked without a running Hark: an engine that only reads, on this machine alone, with
 * read models of its own that go with it. Resolves when all of the log is in them.
 *
 * @throws what keeps it from being opened or read, with nothing left open
 */
export const openOffline = async (source: OfflineSource, options: OfflineOptions): Promise<Hark> => {
  const { logger, onProgress, signal } = options
  const folder = await mkdtemp(join(tmpdir(), 'hark-'))
  const opened: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  const close = async (): Promise<void> => {
    for (const end of opened.toReversed()) await end()
  }
  try {
    const isExported = source.kind === 'exported'
    const setting = isExported ? { kind: 'sqlite' as const, file: join(folder, 'events.db') } : source
    const store = await openStore(setting, logger, isExported ? 'write' : 'read')
    opened.push(() => store.close())
    if (isExported) await importLog(source.file, store, { onProgress, signal })
    signal.throwIfAborted()
    const engine = createEngine({
      store: readOnly(store),
      readModelFile: join(folder, 'read-models.db'),
      logger,
      lastWatched: isExported ? () => undefined : lastWatchedBeside(setting),
    })
    opened.push(() => engine.close())
    const total = await lastPosition(store)
    const telling = setInterval(() => onProgress(engine.status().position, total), PROGRESS_EVERY_MS)
    await abortable(engine.whenReady(), signal).finally(() => clearInterval(telling))
    const server = createServer({ engine, logger })
    opened.push(() => server.close())
    return { url: await server.listen({ host: '127.0.0.1', port: 0 }), close }
  } catch (error) {
    await close()
    throw error
  }
}
