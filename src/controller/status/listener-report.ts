import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { RouterReport } from '../../../projections/shared/match-status.ts'
import type { EntityState } from '../entities/entity-record.ts'

/** What there is to say of a listener on its router. */
export type ListenerReport = Pick<RouterReport, 'said' | 'message'>

export interface ListenerFindings {
  readonly entity: EntityState
  /** What was found changed behind Hark's back, until it is mended. */
  readonly drift: string | undefined
  /** Why its TLS credentials cannot be used, where Hark sees that. */
  readonly unfit?: string | undefined
  /** Whether the network has a connector for it: then the router is to open its socket. */
  readonly isMatched: boolean
  /** Whether the log shows it open, with a connector: that is Ready. */
  readonly isShownOpen: boolean
  /** Whether its connectors are all at other routers, and its router has no link to any. */
  readonly isCutOff: boolean
  /** For how many milliseconds the socket has been neither open nor refused though the listener is matched. */
  readonly undecidedForMs: number
  /** After so many milliseconds it counts as not opened. */
  readonly patienceMs: number
}

/** A socket that is made anew is closed for a moment: longer than this is no moment any more. */
const CLOSED_FOR_MS = 250

const ACCEPTED: ListenerReport = { said: 'accepted', message: 'OK' }
const OPENED: ListenerReport = { said: 'opened', message: 'OK' }
const CUT_OFF: ListenerReport = { said: 'drifted', message: 'The router has no link to any other router' }

/**
 * What is to be said of a listener by what was found; `undecided` where the router is about to open its socket, so that
 * saying that it was accepted would claim more than was seen; undefined where nothing is known yet.
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

/** Whether a word says something that the last one for the same generation did not. */
export const isChanged = (word: ListenerReport, row: Pick<ListenerRow, 'generation' | 'router'>): boolean => {
  const last = row.router
  if (last === undefined || last.generation !== row.generation) return true
  // A socket closes and opens again as connectors go and come: that it can be opened was said.
  if (word.said === 'accepted' && last.said === 'opened') return false
  return word.said !== last.said || word.message !== last.message
}
