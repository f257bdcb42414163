import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { LAUNCHER } from '../cli/hark.ts'
import { RunningHark } from '../support/running-hark.ts'
import type { Figure } from './figure.ts'
import { memoryOf } from './process.ts'
import { EVENTS, recordMillionEvents } from './scale/million-events.ts'
import { inScratch } from './scratch.ts'

const PRINT_PEAK_MEMORY = fileURLToPath(new URL('print-peak-memory.ts', import.meta.url))

interface Reported {
  /** Peak resident memory of the command, in megabytes. */
  readonly memory: number
  readonly seconds: number
  readonly lines: number
}

const report = async (url: string): Promise<Reported> => {
  const begin = performance.now()
  const args = ['--import', PRINT_PEAK_MEMORY, LAUNCHER, 'audit', 'report', '--server', url, '-o', 'csv']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let lines = 0
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 0x0a) lines += 1
  })
  const [output, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
  const most = /^most resident: (\d+) kB$/m.exec(output)?.[1]
  if (status !== 0 || most === undefined) throw new Error(output)
  return { memory: Number(most) / 1024, seconds: (performance.now() - begin) / 1000, lines: lines - 1 }
}

/** An audit report over a million events, as CSV. */
export const auditReport = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await recordMillionEvents(folder)
    await using hark = await RunningHark.start(['--data', folder])
    await hark.ready()
    const before = await memoryOf(hark.pid)
    const { memory, seconds, lines } = await report(hark.url)
    if (lines < EVENTS) throw new Error(`${lines} entries were reported of ${EVENTS}`)
    const during = await memoryOf(hark.pid)
    return [
      {
        name: 'resident memory of hark audit report -o csv over 1,000,000 events',
        unit: 'MB',
        value: memory,
        bar: { at: 'most', of: 200 },
      },
      {
        name: 'memory that the engine takes beyond what it had, meanwhile',
        unit: 'MB',
        value: Math.max(0, during.most - before.now),
        bar: { at: 'most', of: 200 },
      },
      { name: 'the report, from start to end', unit: 's', value: seconds, bar: { at: 'most', of: 300 } },
    ]
  })
