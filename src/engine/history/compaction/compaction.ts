import { badUserInput, unavailable } from '../../../../schemas/errors.ts'
import { BEGINNING, type Position } from '../../../../schemas/events/recorded-event.ts'
import type { Logger } from '../../../lib/logger.ts'
import type { MaintenanceEvent, MaintenanceLog } from '../../commands/maintenance-log.ts'
import type { Caller } from '../../commands/types.ts'
import type { KeptHistory } from '../../read-models/persistence/kept-history.ts'
import type { Projector } from '../../read-models/projector.ts'
import type { ReadModels } from '../../read-models/read-models.ts'
import type { History } from '../history.ts'
import type { Recorder } from '../recorder.ts'
import type { CompactedSlice } from './compact-slice.ts'

export interface CompactionRequest {
  /** States at this time and later stay known; milliseconds since 1970. */
  readonly before: number
  readonly after: number
  readonly isDryRun: boolean
  /** Absent if the engine itself does. */
  readonly caller?: Caller
}

export interface Compacted extends CompactedSlice {
  readonly kept: KeptHistory
}

interface Parts {
  readonly models: ReadModels
  readonly recorder: Recorder
  readonly history: History
  readonly projector: Projector
  readonly rebuild: { readonly isRunning: boolean }
  readonly logger: Logger
  readonly maintenance: Pick<MaintenanceLog, 'write'>
}

/**
 * Not earlier than it does.
 *
 * @param position the last event before that time; undefined without one
 */
export const newBegin = (time: number, position: Position | undefined, begin: KeptHistory | undefined): KeptHistory =>
  begin !== undefined && begin.time > time ? begin : { time, position: position ?? BEGINNING }

export const nothingRemoved = (kept: KeptHistory): Compacted => ({
  kept,
  versions: 0,
  bytes: 0,
  done: 0,
  total: 0,
  next: undefined,
})

const compactedTo = ({ time, position }: KeptHistory): MaintenanceEvent => ({
  type: 'HistoryCompacted',
  data: { keptFrom: new Date(time).toISOString(), keptPosition: position },
})

/**
 * Callers repeat it until there is no next slice. From the first slice on, moments before are unknown; those after are
 * known in between.
 */
export const createCompaction =
  ({ models, recorder, history, projector, rebuild, logger, maintenance }: Parts) =>
  async ({ before, after, isDryRun, caller }: CompactionRequest): Promise<Compacted> => {
    if (before > Date.now()) throw badUserInput([{ path: 'before', message: 'must not be in the future' }])
    if (!projector.ready || models.rebuilding.length > 0)
      throw unavailable('the read models are being rebuilt: try again later')
    if (rebuild.isRunning || recorder.isDeferred)
      throw unavailable('the read models are being rebuilt: repeat the compaction when that has ended')
    const position = await history.positionAt(before - 1)
    let isLater = false
    const slice = await models
      .exclusively(async () => {
        // Another compaction may have moved the beginning meanwhile.
        const begin = recorder.kept
        const kept = newBegin(before, position, begin)
        if (kept.position === BEGINNING) return nothingRemoved(kept)
        if (!isDryRun) recorder.keepFrom(kept)
        try {
          const removed = await recorder.database.compact({ kept, after, isDryRun })
          isLater = !isDryRun && kept.position !== begin?.position
          return { ...removed, kept }
        } catch (error) {
          recorder.keepFrom(begin)
          throw error
        }
      })
      .catch(error => {
        models.checkDamage(error)
        throw unavailable('the history could not be written: repeat the compaction later')
      })
    if (isLater && caller !== undefined) await maintenance.write(compactedTo(slice.kept), caller)
    if (!isDryRun && slice.next === undefined && slice.kept.position !== BEGINNING)
      logger.info({ keptFrom: new Date(slice.kept.time).toISOString() }, 'the history of states was compacted')
    return slice
  }
