import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decorateStore } from '../event-store/decorate-store.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { Logger } from '../lib/logger.ts'
import { openStore } from '../open-store.ts'
import { importLog } from './transfer/import-log.ts'

interface ExportedOptions {
  readonly logger: Logger
  readonly onProgress: (done: number, total: number, events: number) => void
  readonly signal: AbortSignal
}

/**
 * Closing the store removes its temporary folder.
 *
 * @throws Error with the first line that is damaged
 */
export const openExported = async (
  file: string,
  { logger, onProgress, signal }: ExportedOptions,
): Promise<EventStore> => {
  const folder = await mkdtemp(join(tmpdir(), 'hark-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const store = await openStore({ kind: 'sqlite', file: join(folder, 'events.db') }, logger)
    const close = () => store.close().finally(remove)
    try {
      await importLog(file, store, { onProgress, signal })
      signal.throwIfAborted()
    } catch (error) {
      await store.close()
      throw error
    }
    return decorateStore(store, { close })
  } catch (error) {
    await remove()
    throw error
  }
}
