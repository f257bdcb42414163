import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LAUNCHER } from '../../cli/hark.ts'
import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { atRest, memoryOf } from '../process.ts'
import { inScratch } from '../scratch.ts'
import { commandsBeside } from './commands-beside.ts'
import { recordEvents } from './million-events.ts'

const EVENTS = 200_000

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
    let memoryBefore = 0
    const { result: seconds, figures } = await commandsBeside(hark, {
      name: 'rebuild',
      secondsBefore: 10,
      leastRate: 0.9,
      run: async () => {
        memoryBefore = (await memoryOf(hark.pid)).now
        return rebuildIn(hark)
      },
    })
    const { most } = await memoryOf(hark.pid)
    return [
      {
        name: '`hark rebuild` of a running engine, 200,000 events, 500 commands/s sent',
        unit: 's',
        value: seconds,
        bar: { at: 'most', of: 60 },
      },
      ...figures,
      {
        name: 'memory that the engine takes beyond what it had, during the rebuild',
        unit: 'MB',
        value: most - memoryBefore,
        bar: { at: 'most', of: 200 },
      },
    ]
  })
