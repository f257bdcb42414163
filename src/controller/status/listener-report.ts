import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { RouterReport } from '../../../projections/shared/match-status.ts'
import type { EntityState } from '../entities/entity-record.ts'

export type ListenerReport = Pick<RouterReport, 'state' | 'message'>

export interface ListenerFindings {
  readonly entity: EntityState
  readonly drift: string | undefined
  readonly unfit?: string | undefined
  /** A router opens the socket of a listener with a connector. */
  readonly isMatched: boolean
  readonly isShownOpen: boolean
  readonly isCutOff: boolean
  /** The time since a matched listener's socket was open or failed. */
  readonly undecidedForMs: number
  readonly patienceMs: number
}

/** A recreated socket is not closed for longer. */
const CLOSED_FOR_MS = 250

const ACCEPTED: ListenerReport = { state: 'accepted', message: 'OK' }
const OPENED: ListenerReport = { state: 'opened', message: 'OK' }
const CUT_OFF: ListenerReport = { state: 'drifted', message: 'The router has no link to any other router' }

/**
 * `undecided`: the router is about to open the socket, and an accepted report would make the listener Ready. Undefined: nothing
 * is known yet.
 */
export const reportListener = (
  { spec }: Pick<ListenerRow, 'spec'>,
  { entity, drift, unfit, isMatched, isShownOpen, isCutOff, undecidedForMs, patienceMs }: ListenerFindings,
): ListenerReport | 'undecided' | undefined => {
  if (unfit !== undefined) return { state: 'unfit', message: unfit }
  if (entity.refusal !== undefined) return { state: 'refused', message: entity.refusal }
  if (!entity.inSync) return drift === undefined ? undefined : { state: 'drifted', message: drift }
  if (entity.socket !== 'failed' && isMatched && isCutOff) return CUT_OFF
  if (entity.socket === 'open') return OPENED
  if (entity.socket === 'failed') return { state: 'failed', message: entity.message ?? '' }
  if (!isMatched) return ACCEPTED
  if (isShownOpen && entity.socket === 'closed' && undecidedForMs >= CLOSED_FOR_MS) {
    return { state: 'drifted', message: `The router has closed ${spec.host}:${spec.port}` }
  }
  if (undecidedForMs < patienceMs) return 'undecided'
  return { state: 'failed', message: `The router has not opened ${spec.host}:${spec.port}` }
}

export const isChanged = (report: ListenerReport, row: Pick<ListenerRow, 'generation' | 'router'>): boolean => {
  const last = row.router
  if (last === undefined || last.generation !== row.generation) return true
  // Sockets close and open with their connectors.
  if (report.state === 'accepted' && last.state === 'opened') return false
  return report.state !== last.state || report.message !== last.message
}
