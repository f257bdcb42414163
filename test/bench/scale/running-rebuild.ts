import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LAUNCHER } from '../../cli/hark.ts'
import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { atRest, memoryOf } from '../process.ts'
import { inScratch } from '../scratch.ts'
import { COMMANDS_A_SECOND, sendCommands } from './commands-beside.ts'
import { recordEvents } from './million-events.ts'

const EVENTS = 200_000
const WARM_UP = 5 * COMMANDS_A_SECOND
const COMMANDS_BEFORE = 10 * COMMANDS_A_SECOND

/** Seconds of a rebuild by the running engine. */
const rebuildIn = async (hark: RunningHark): Promise<number> => {
  const begin = performance.now()
  const { stderr } = await promisify(execFile)(process.execPath, [LAUNCHER, 'rebuild', '--server', hark.url])
  const seconds = (performance.now() - begin) / 1000
  if (!/are rebuilt up to position \d+\.$/m.test(stderr)) throw new Error(stderr)
  return seconds
}

/** `hark rebuild` of a running engine that receives commands. */
export const runningRebuild = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await recordEvents(folder, EVENTS)
    await using hark = await RunningHark.start(['--data', folder])
    await atRest(hark)
    await sendCommands(hark, 0, started => started >= WARM_UP)
    const before = await sendCommands(hark, WARM_UP, started => started >= COMMANDS_BEFORE)
    const memory = await memoryOf(hark.pid)
    let isRebuilt = false
    const [seconds, during] = await Promise.all([
      rebuildIn(hark).finally(() => {
        isRebuilt = true
      }),
      sendCommands(hark, WARM_UP + COMMANDS_BEFORE, () => isRebuilt),
    ])
    const { most } = await memoryOf(hark.pid)
    return [
      {
        name: '`hark rebuild` of a running engine, 200,000 events, 500 commands/s sent',
        unit: 's',
        value: seconds,
        bar: { at: 'most', of: 60 },
      },
      {
        name: 'commands answered during the rebuild',
        unit: '/s',
        value: during.rate,
        against: { name: 'before it', value: before.rate },
        bar: { at: 'least', of: 0.9 },
      },
      {
        name: 'a command during the rebuild, p99',
        unit: 'ms',
        value: during.p99,
        against: { name: 'before it', value: before.p99 },
        bar: { at: 'most', of: 3 },
      },
      {
        name: 'memory that the engine takes beyond what it had, meanwhile',
        unit: 'MB',
        value: most - memory.now,
        bar: { at: 'most', of: 200 },
      },
    ]
  })
