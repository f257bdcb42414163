import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LAUNCHER } from '../../cli/hark.ts'
import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { atRest } from '../process.ts'
import { inScratch } from '../scratch.ts'
import { commandsBeside } from './commands-beside.ts'
import { EVENTS, recordMillionEvents } from './million-events.ts'

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
    const { result: seconds, figures } = await commandsBeside(hark, {
      name: 'backup',
      // About as long as a backup, so that the wait for the last responses weighs as much.
      secondsBefore: 2,
      leastRate: 0.95,
      run: () => backUp(folder),
    })
    return [
      {
        name: '`hark backup` of 1,000,000 events, 500 commands/s sent',
        unit: 's',
        value: seconds,
        bar: { at: 'most', of: 30 },
      },
      ...figures,
    ]
  })
