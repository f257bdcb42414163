import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { RouterReport } from '../../../projections/shared/match-status.ts'
import type { EntityState } from '../entities/entity-record.ts'

export type ListenerReport = Pick<RouterReport, 'said' | 'message'>

export interface ListenerFindings {
  readonly entity: EntityState
  /** What something else has changed, until it is corrected. */
  readonly drift: string | undefined
  /** Why its TLS credentials are unfit, if Hark sees them. */
  readonly unfit?: string | undefined
  /** Whether it has a connector: then the router opens its socket. */
  readonly isMatched: boolean
  /** Whether the log shows it as open and matched, which is Ready. */
  readonly isShownOpen: boolean
  /** Whether all its connectors are at other routers, and its router has no link to any. */
  readonly isCutOff: boolean
  /** Milliseconds for which the socket has been neither open nor failed although the listener is matched. */
  readonly undecidedForMs: number
  readonly patienceMs: number
}

/** A socket that is created again is closed for a moment, but not for longer than this. */
const CLOSED_FOR_MS = 250

const ACCEPTED: ListenerReport = { said: 'accepted', message: 'OK' }
const OPENED: ListenerReport = { said: 'opened', message: 'OK' }
const CUT_OFF: ListenerReport = { said: 'drifted', message: 'The router has no link to any other router' }

/**
 * Reports a listener by what was found. `undecided`: the router is about to open its socket, and to report it as accepted would
 * make it Ready. Undefined: nothing is known yet.
 */
export const reportListener = (
  { spec }: Pick<ListenerRow, 'spec'>,
  { entity, drift, unfit, isMatched, isShownOpen, isCutOff, undecidedForMs, patienceMs }: ListenerFindings,
): ListenerReport | 'undecided' | undefined => {
  if (unfit !== undefined) return { said: 'unfit', message: unfit }
  if (entity.refusal !== undefined) return { said: 'refused', message: entity.refusal }
  if (!entity.inSync) return drift === undefined ? undefined : { said: 'drifted', message: drift }
  if (entity.socket !== 'failed' && isMatched && isCutOff) return CUT_OFF
  if (entity.socket === 'open') return OPENED
  if (entity.socket === 'failed') return { said: 'failed', message: entity.message ?? '' }
  if (!isMatched) return ACCEPTED
  if (isShownOpen && entity.socket === 'closed' && undecidedForMs >= CLOSED_FOR_MS) {
    return { said: 'drifted', message: `The router has closed ${spec.host}:${spec.port}` }
  }
  if (undecidedForMs < patienceMs) return 'undecided'
  return { said: 'failed', message: `The router has not opened ${spec.host}:${spec.port}` }
}

/** Whether a report differs from the last one for the same generation. */
export const isChanged = (report: ListenerReport, row: Pick<ListenerRow, 'generation' | 'router'>): boolean => {
  const last = row.router
  if (last === undefined || last.generation !== row.generation) return true
  // Sockets close and open with their connectors: that it can be opened was reported.
  if (report.said === 'accepted' && last.said === 'opened') return false
  return report.said !== last.said || report.message !== last.message
}
