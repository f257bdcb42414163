import type { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { percentile } from '../scratch.ts'
import { atRate, updateRoutingKey } from '../steady-rate.ts'
import { LISTENERS, subjectAt } from './million-events.ts'

const PER_SECOND = 500
const WARM_UP = 5 * PER_SECOND

/** Sends commands until `isDone`; returns how many were answered a second, and the milliseconds of the slowest 1 %. */
const sendCommands = async (hark: RunningHark, first: number, isDone: (started: number) => boolean) => {
  const begin = performance.now()
  const times = await atRate({ perSecond: PER_SECOND, isDone }, index =>
    updateRoutingKey(hark, subjectAt((first + index) % LISTENERS), first + index),
  )
  return { rate: (times.length / (performance.now() - begin)) * 1000, p99: percentile(times, 0.99) }
}

interface Work<T> {
  readonly name: string
  /** For how many seconds to measure commands before it. */
  readonly secondsBefore: number
  /** Least share of the commands that are still answered. */
  readonly leastRate: number
  run(): Promise<T>
}

/** Sends 500 commands a second before and during some work: what the work returns, and figures of the commands. */
export const commandsBeside = async <T>(
  hark: RunningHark,
  { name, secondsBefore, leastRate, run }: Work<T>,
): Promise<{ readonly result: T; readonly figures: readonly Figure[] }> => {
  await sendCommands(hark, 0, started => started >= WARM_UP)
  const measured = secondsBefore * PER_SECOND
  const before = await sendCommands(hark, WARM_UP, started => started >= measured)
  let isDone = false
  const [result, during] = await Promise.all([
    run().finally(() => {
      isDone = true
    }),
    sendCommands(hark, WARM_UP + measured, () => isDone),
  ])
  return {
    result,
    figures: [
      {
        name: `commands answered during the ${name}`,
        unit: '/s',
        value: during.rate,
        against: { name: 'before it', value: before.rate },
        bar: { at: 'least', of: leastRate },
      },
      {
        name: `a command during the ${name}, p99`,
        unit: 'ms',
        value: during.p99,
        against: { name: 'before it', value: before.p99 },
        bar: { at: 'most', of: 3 },
      },
    ],
  }
}
