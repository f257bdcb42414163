import type { RunningHark } from '../../support/running-hark.ts'
import { percentile } from '../scratch.ts'
import { atRate, updateRoutingKey } from '../steady-rate.ts'
import { LISTENERS, subjectAt } from './million-events.ts'

export const COMMANDS_A_SECOND = 500

/** Sends commands until `isDone`; returns how many were answered a second, and the milliseconds of the slowest 1 %. */
export const sendCommands = async (hark: RunningHark, first: number, isDone: (started: number) => boolean) => {
  const begin = performance.now()
  const times = await atRate({ perSecond: COMMANDS_A_SECOND, isDone }, index =>
    updateRoutingKey(hark, subjectAt((first + index) % LISTENERS), first + index),
  )
  return { rate: (times.length / (performance.now() - begin)) * 1000, p99: percentile(times, 0.99) }
}
