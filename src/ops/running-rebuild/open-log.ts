import type { StoreSetting } from '../../config/load.ts'
import type { Logger } from '../../lib/logger.ts'
import { openStore } from '../../open-store.ts'
import type { OpenLog } from './rebuilder.ts'

/** What the thread of a rebuild is given. */
export interface RebuiltLog {
  readonly setting: StoreSetting
  /** The file of the new read models. */
  readonly fresh: string
}

const ignore = (): void => undefined

/** The engine logs the same failures. */
const quiet: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore }

export const openLogOf =
  (setting: StoreSetting): OpenLog =>
  () =>
    openStore(setting, quiet, 'read')
