import { dirname } from 'node:path'
import { InvalidSettings, type StoreSetting } from './config/load.ts'
import type { EventStore } from './event-store/event-store.ts'
import { makeFolder } from './lib/ensure-dir.ts'
import type { Logger } from './lib/logger.ts'
import { throttle } from './lib/throttle.ts'

/** While an outage lasts it is told this often. */
const LOSS_TOLD_EVERY_MS = 60_000

/**
 * Opens the log of events, made where it is not there. Loads the one adapter that is asked for: the other's client is not
 * needed then.
 *
 * @param access read: nothing is made or changed, and nothing left behind, where that is of a store's doing
 */
export const openStore = async (
  setting: StoreSetting,
  logger: Logger,
  access: 'write' | 'read' = 'write',
): Promise<EventStore> => {
  if (setting.kind === 'sqlite') {
    const { openSqliteEventStore } = await import('./event-store/sqlite/store.ts')
    if (access === 'write') await makeFolder(dirname(setting.file))
    return openSqliteEventStore({
      file: setting.file,
      access,
      onWriteFailure: throttle(LOSS_TOLD_EVERY_MS, (error: Error) =>
        logger.error({ error }, 'the event log cannot be written: commands are refused until it can'),
      ),
      onWritable: () => logger.info({}, 'the event log can be written again'),
    })
  }
  const { openEventStoreDb } = await import('./event-store/eventstoredb/store.ts')
  const onLoss = throttle(LOSS_TOLD_EVERY_MS, (error: unknown) =>
    logger.warn({ error }, 'lost the event store: following it again as soon as it answers'),
  )
  try {
    return openEventStoreDb({ connectionString: setting.connectionString, onLoss })
  } catch (error) {
    throw new InvalidSettings([`store: the connection string cannot be read: ${(error as Error).message}`])
  }
}
