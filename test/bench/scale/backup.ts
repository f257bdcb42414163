import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LAUNCHER } from '../../cli/hark.ts'
import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { atRest } from '../process.ts'
import { inScratch, percentile } from '../scratch.ts'
import { atRate, updateRoutingKey } from '../steady-rate.ts'
import { EVENTS, LISTENERS, recordMillionEvents, subjectAt } from './million-events.ts'

const PER_SECOND = 500
const WARM_UP = 5 * PER_SECOND
/** About as long as a backup, so that the wait for the last responses weighs as much. */
const COMMANDS_BEFORE = 2 * PER_SECOND

/** Seconds of a backup, checked to hold the whole log. */
const backUp = async (folder: string): Promise<number> => {
  const begin = performance.now()
  const args = [LAUNCHER, 'backup', join(folder, 'copy.db'), '--data', folder]
  const { stderr } = await promisify(execFile)(process.execPath, args)
  const seconds = (performance.now() - begin) / 1000
  if (!(Number(/up to position (\d+)/.exec(stderr)?.[1]) >= EVENTS)) throw new Error(stderr)
  return seconds
}

/** Sends commands until `isDone`; returns how many were answered a second, and the milliseconds of the slowest 1 %. */
const sendCommands = async (hark: RunningHark, first: number, isDone: (started: number) => boolean) => {
  const begin = performance.now()
  const times = await atRate({ perSecond: PER_SECOND, isDone }, index =>
    updateRoutingKey(hark, subjectAt((first + index) % LISTENERS), first + index),
  )
  return { rate: (times.length / (performance.now() - begin)) * 1000, p99: percentile(times, 0.99) }
}

/** `hark backup` of a long log while the engine receives commands. */
export const backup = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await recordMillionEvents(folder)
    await using hark = await RunningHark.start(['--data', folder])
    await atRest(hark)
    await sendCommands(hark, 0, started => started >= WARM_UP)
    const before = await sendCommands(hark, WARM_UP, started => started >= COMMANDS_BEFORE)
    let isCopied = false
    const [seconds, during] = await Promise.all([
      backUp(folder).finally(() => {
        isCopied = true
      }),
      sendCommands(hark, WARM_UP + COMMANDS_BEFORE, () => isCopied),
    ])
    return [
      {
        name: '`hark backup` of 1,000,000 events, 500 commands/s sent',
        unit: 's',
        value: seconds,
        bar: { at: 'most', of: 30 },
      },
      {
        name: 'commands answered during the backup',
        unit: '/s',
        value: during.rate,
        against: { name: 'before it', value: before.rate },
        bar: { at: 'least', of: 0.95 },
      },
      {
        name: 'a command during the backup, p99',
        unit: 'ms',
        value: during.p99,
        against: { name: 'before it', value: before.p99 },
        bar: { at: 'most', of: 3 },
      },
    ]
  })
