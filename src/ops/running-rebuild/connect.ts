import type { StoreSetting } from '../../config/load.ts'
import type { ConnectRebuilder, Rebuilder } from '../../engine/rebuild/types.ts'
import { connect, workerFile } from '../../lib/worker-rpc.ts'
import type { RebuiltLog } from './open-log.ts'

/** Starts a thread that reads the log itself, beside the engine's reading. */
export const rebuilderOf =
  (setting: StoreSetting): ConnectRebuilder =>
  (fresh, onFailure) =>
    connect<Rebuilder>(workerFile('worker', import.meta.url), { setting, fresh } satisfies RebuiltLog, onFailure)
