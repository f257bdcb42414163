import type { StoreSetting } from '../../config/load.ts'
import type { Logger } from '../../lib/logger.ts'
import { openStore } from '../../open-store.ts'
import type { OpenLog } from './rebuilder.ts'

export interface RebuiltLog {
  readonly setting: StoreSetting
  readonly fresh: string
}

const ignore = (): void => undefined

/** The engine logs these failures too. */
const quiet: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore }

export const openLogOf =
  (setting: StoreSetting): OpenLog =>
  () =>
    openStore(setting, quiet, 'read')
