import type { ListenerRow } from '../../../projections/listener-status.ts'
import { ACCEPTED, type EntityFindings, type EntityReport, reportEntity } from './entity-report.ts'

export interface ListenerFindings extends Omit<EntityFindings, 'isSuppressed'> {
  /** A router opens the socket of a listener with a connector. */
  readonly isMatched: boolean
  readonly isShownOpen: boolean
  readonly isCutOff: boolean
  readonly openTimeoutMs: number
}

/** A recreated socket is not closed for longer. */
const CLOSED_FOR_MS = 250

const OPENED: EntityReport = { state: 'opened', message: 'OK' }
const CUT_OFF: EntityReport = { state: 'drifted', message: 'The router has no link to any other router' }

/**
 * `undecided`: the router is about to open the socket, and an accepted report would make the listener Ready. Undefined: nothing
 * is known yet.
 */
export const reportListener = (
  { spec }: { readonly spec: Pick<ListenerRow['spec'], 'host' | 'port'> },
  findings: ListenerFindings,
): EntityReport | 'undecided' | undefined => {
  const { entity, isMatched, isShownOpen, isCutOff, undecidedForMs, openTimeoutMs } = findings
  const report = reportEntity(findings)
  if (report !== ACCEPTED) return report
  if (entity.socket !== 'failed' && isMatched && isCutOff) return CUT_OFF
  if (entity.socket === 'open') return OPENED
  if (entity.socket === 'failed') return { state: 'failed', message: entity.message ?? '' }
  if (!isMatched) return ACCEPTED
  if (isShownOpen && entity.socket === 'closed' && undecidedForMs >= CLOSED_FOR_MS) {
    return { state: 'drifted', message: `The router has closed ${spec.host}:${spec.port}` }
  }
  if (undecidedForMs < openTimeoutMs) return 'undecided'
  return { state: 'failed', message: `The router has not opened ${spec.host}:${spec.port}` }
}
