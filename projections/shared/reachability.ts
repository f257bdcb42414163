import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import { probeOf } from '../../schemas/resources/probe.ts'
import { type ConditionResult, type Conditions, failed, OK } from './evaluate-conditions.ts'

export interface ProbeReport {
  readonly generation: number
  readonly outcome: 'reached' | 'notReached' | 'inconclusive'
  readonly message: string
}

interface ProbedRow {
  readonly spec: ListenerSpec
  readonly generation: number
  readonly probe?: ProbeReport
}

const unknownReachability = (message: string, reason = 'Pending'): ConditionResult => ({
  status: 'Unknown',
  reason,
  message,
})

/** Probes need an open socket and a connector behind it. */
export const isProbeable = ({ Configured: configured, Matched: matched }: Pick<Conditions, 'Configured' | 'Matched'>) =>
  configured.status === 'True' && matched.status === 'True'

export const reachable = (
  row: ProbedRow,
  configured: ConditionResult,
  matched: ConditionResult,
): ConditionResult | undefined => {
  if (probeOf(row.spec) === undefined) return undefined
  const obstacle = [configured, matched].find(({ status }) => status !== 'True')
  if (obstacle !== undefined) {
    const { status, reason, message } = obstacle
    return unknownReachability(`Not probed: ${message}`, status === 'Unknown' ? reason : 'Pending')
  }
  const { probe } = row
  if (probe === undefined || probe.generation !== row.generation) return unknownReachability('Not probed yet')
  if (probe.outcome === 'reached') return OK
  return probe.outcome === 'notReached' ? failed(probe.message) : unknownReachability(probe.message)
}

/** A probe's result expires when the listener can no longer be probed. */
export const withoutStaleProbe = <Row extends ProbedRow>(
  row: Row,
  configured: ConditionResult,
  matched: ConditionResult,
): Row => {
  if (row.probe === undefined || (configured.status === 'True' && matched.status === 'True')) return row
  const { probe: _, ...rest } = row
  return rest as Row
}
