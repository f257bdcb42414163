import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LAUNCHER } from '../../cli/hark.ts'
import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { atRest } from '../process.ts'
import { inScratch } from '../scratch.ts'
import { COMMANDS_A_SECOND, sendCommands } from './commands-beside.ts'
import { EVENTS, recordMillionEvents } from './million-events.ts'

const WARM_UP = 5 * COMMANDS_A_SECOND
/** About as long as a backup, so that the wait for the last responses weighs as much. */
const COMMANDS_BEFORE = 2 * COMMANDS_A_SECOND

/** Seconds of a backup, checked to hold the whole log. */
const backUp = async (folder: string): Promise<number> => {
  const begin = performance.now()
  const args = [LAUNCHER, 'backup', join(folder, 'copy.db'), '--data', folder]
  const { stderr } = await promisify(execFile)(process.execPath, args)
  const seconds = (performance.now() - begin) / 1000
  if (!(Number(/up to position (\d+)/.exec(stderr)?.[1]) >= EVENTS)) throw new Error(stderr)
  return seconds
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
