import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import { probeOf } from '../../schemas/resources/probe.ts'
import { type ConditionResult, type Conditions, failed, OK } from './conditions.ts'

/** What the last probe of a listener found, and for which generation. */
export interface ProbeReport {
  readonly generation: number
  readonly found: 'reached' | 'notReached' | 'inconclusive'
  readonly message: string
}

interface ProbedRow {
  readonly spec: ListenerSpec
  readonly generation: number
  readonly probe?: ProbeReport
}

const notKnown = (message: string, reason = 'Pending'): ConditionResult => ({ status: 'Unknown', reason, message })

/** Whether a probe can find anything: there is an open socket that leads somewhere. */
export const isProbeable = ({ Configured: configured, Matched: matched }: Pick<Conditions, 'Configured' | 'Matched'>) =>
  configured.status === 'True' && matched.status === 'True'

/**
 * Whether a client that connects to a listener is answered; undefined where nobody asked for it. A listener whose socket is
 * not open, or whose router is away, is not probed.
 */
export const reachable = (
  row: ProbedRow,
  configured: ConditionResult,
  matched: ConditionResult,
): ConditionResult | undefined => {
  if (probeOf(row.spec) === undefined) return undefined
  const hindrance = [configured, matched].find(({ status }) => status !== 'True')
  if (hindrance !== undefined) {
    const { status, reason, message } = hindrance
    return notKnown(`Not probed: ${message}`, status === 'Unknown' ? reason : 'Pending')
  }
  const word = row.probe
  if (word === undefined || word.generation !== row.generation) return notKnown('Not probed yet')
  if (word.found === 'reached') return OK
  return word.found === 'notReached' ? failed(word.message) : notKnown(word.message)
}

/** A probe says nothing of a time when the listener could not be probed, nor of what comes after that. */
export const withoutStaleProbe = <Row extends ProbedRow>(
  row: Row,
  configured: ConditionResult,
  matched: ConditionResult,
): Row => {
  if (row.probe === undefined || (configured.status === 'True' && matched.status === 'True')) return row
  const { probe: _, ...rest } = row
  return rest as Row
}
