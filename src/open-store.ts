import { dirname } from 'node:path'
import { InvalidSettings, type StoreSetting } from './config/load.ts'
import type { EventStore } from './event-store/event-store.ts'
import type { backupLog as BackupLog } from './event-store/sqlite/backup.ts'
import { ensureDir } from './lib/files/ensure-dir.ts'
import type { Logger } from './lib/logger.ts'
import { throttle } from './lib/throttle.ts'

const LOG_INTERVAL_MS = 60_000

/**
 * Loads only the adapter that is needed.
 *
 * @param access `read` creates and changes nothing, and sees a SQLite log as of now while another process may write it
 */
export const openStore = async (
  setting: StoreSetting,
  logger: Logger,
  access: 'write' | 'read' = 'write',
): Promise<EventStore> => {
  if (setting.kind === 'sqlite') {
    const { openSqliteEventStore } = await import('./event-store/sqlite/store.ts')
    if (access === 'write') await ensureDir(dirname(setting.file))
    return openSqliteEventStore({
      file: setting.file,
      access,
      onWriteFailure: throttle(LOG_INTERVAL_MS, (error: Error) =>
        logger.error({ error }, 'the event log cannot be written: commands are rejected until it can'),
      ),
      onWritable: () => logger.info({}, 'the event log can be written again'),
    })
  }
  const { openEventStoreDb } = await import('./event-store/eventstoredb/store.ts')
  const onLoss = throttle(LOG_INTERVAL_MS, (error: unknown) =>
    logger.warn({ error }, 'lost the connection to the event store: reconnecting'),
  )
  try {
    return openEventStoreDb({ connectionString: setting.connectionString, onLoss })
  } catch (error) {
    throw new InvalidSettings([`store: the connection string cannot be read: ${(error as Error).message}`])
  }
}

export const backupLog: typeof BackupLog = async (...args) => {
  const sqlite = await import('./event-store/sqlite/backup.ts')
  return sqlite.backupLog(...args)
}
