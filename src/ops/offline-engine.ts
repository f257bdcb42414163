import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { StoreSetting } from '../config/load.ts'
import { createEngine } from '../engine/create-engine.ts'
import type { LastWatched } from '../engine/history/observed-time.ts'
import { connectInThisThread } from '../engine/history/recorder.ts'
import { WATCHED_FILE, WatchedRouters } from '../engine/history/watched-routers.ts'
import { decorateStore } from '../event-store/decorate-store.ts'
import { type EventStore, StoreUnavailable } from '../event-store/event-store.ts'
import { lastPosition } from '../event-store/last-event.ts'
import { lastCheckpoint } from '../integrity/checkpoints/last-checkpoint.ts'
import { abortable } from '../lib/abortable.ts'
import type { Logger } from '../lib/logger.ts'
import { openStore } from '../open-store.ts'
import { type ApiServer, createServer } from '../server/server.ts'
import { openExported } from './open-exported.ts'

type OfflineSource = StoreSetting | { readonly kind: 'exported'; readonly file: string }

interface OfflineOptions {
  readonly logger: Logger
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

const PROGRESS_EVERY_MS = 100
/** A thread for the history takes longer to start than such a log to read. */
const SHORT_LOG = 5_000

const readOnly = (store: EventStore): EventStore =>
  decorateStore(store, {
    append: () => Promise.reject(new StoreUnavailable('the store is read-only')),
  })

/** A SQLite store usually lies beside the file of watched routers. */
const lastWatchedBeside = (setting: StoreSetting): LastWatched => {
  if (setting.kind !== 'sqlite') return () => undefined
  const watched = new WatchedRouters(join(dirname(setting.file), WATCHED_FILE))
  return (namespace, { driver }) => watched.until(namespace, driver)
}

interface OfflineEngine {
  readonly request: ApiServer['inject']
  close(): Promise<void>
}

/** Resolves when the read models have caught up. */
export const openOffline = async (source: OfflineSource, options: OfflineOptions): Promise<OfflineEngine> => {
  const { logger, onProgress, signal } = options
  const folder = await mkdtemp(join(tmpdir(), 'hark-'))
  const opened: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  const close = async (): Promise<void> => {
    for (const end of opened.toReversed()) await end()
  }
  try {
    const isExported = source.kind === 'exported'
    const store = isExported ? await openExported(source.file, options) : await openStore(source, logger, 'read')
    opened.push(() => store.close())
    signal.throwIfAborted()
    const total = await lastPosition(store)
    const engine = createEngine({
      store: readOnly(store),
      readModelFile: join(folder, 'read-models.db'),
      logger,
      lastWatched: isExported ? () => undefined : lastWatchedBeside(source),
      ...(total <= SHORT_LOG && { connectHistory: connectInThisThread }),
    })
    opened.push(() => engine.close())
    const reporting = setInterval(() => onProgress(engine.status().position, total), PROGRESS_EVERY_MS)
    await abortable(engine.whenReady(), signal).finally(() => clearInterval(reporting))
    const server = createServer({ engine, logger, lastCheckpoint: () => lastCheckpoint(store) })
    opened.push(() => server.close())
    return { request: server.inject, close }
  } catch (error) {
    await close()
    throw error
  }
}
