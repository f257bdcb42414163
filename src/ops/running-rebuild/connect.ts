import type { StoreSetting } from '../../config/load.ts'
import type { ConnectRebuilder, Rebuilder } from '../../engine/rebuild/types.ts'
import { connect, workerFile } from '../../lib/worker-rpc.ts'
import type { RebuiltLog } from './open-log.ts'

/** Rows live until an event changes them again, which a smaller young generation would promote and collect slowly. */
const YOUNG_MB = 64

export const rebuilderOf =
  (setting: StoreSetting): ConnectRebuilder =>
  (fresh, onFailure) =>
    connect<Rebuilder>(
      workerFile('worker', import.meta.url),
      { setting, fresh } satisfies RebuiltLog,
      onFailure,
      YOUNG_MB,
    )
