import type { RouterReport } from '../../../projections/shared/match-status.ts'
import type { EntityState } from '../entities/entity-record.ts'

export type EntityReport = Pick<RouterReport, 'state' | 'message'>

export interface EntityFindings {
  readonly entity: EntityState
  readonly drift: string | undefined
  readonly unfit?: string | undefined
  /** Missing after a return within the grace period. */
  readonly isSuppressed: boolean
  readonly undecidedForMs: number
}

export const ACCEPTED: EntityReport = { state: 'accepted', message: 'OK' }

export const reportEntity = ({
  entity,
  drift,
  unfit,
}: Pick<EntityFindings, 'entity' | 'drift' | 'unfit'>): EntityReport | undefined => {
  if (unfit !== undefined) return { state: 'unfit', message: unfit }
  if (entity.refusal !== undefined) return { state: 'refused', message: entity.refusal }
  if (entity.inSync) return ACCEPTED
  return drift === undefined ? undefined : { state: 'drifted', message: drift }
}

export const isChanged = (
  report: EntityReport,
  { generation, router: last }: { readonly generation: number; readonly router?: RouterReport | undefined },
): boolean => {
  if (last === undefined || last.generation !== generation) return true
  // Sockets close and open with their connectors.
  if (report.state === 'accepted' && last.state === 'opened') return false
  return report.state !== last.state || report.message !== last.message
}
