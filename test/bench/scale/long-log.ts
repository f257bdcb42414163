import type { Figure } from '../figure.ts'
import { signWholeLog, timesToReady } from '../process.ts'
import { inScratch } from '../scratch.ts'
import { recordMillionEvents } from './million-events.ts'

/** A start with a long log that the read models have projected. */
export const longLog = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await recordMillionEvents(folder)
    await signWholeLog(folder)
    const [ready, readyWithNone] = await timesToReady(folder)
    return [
      {
        name: 'start to ready, 1,000,000 events projected',
        unit: 'ms',
        value: ready,
        against: { name: 'start to ready with none', value: readyWithNone },
        bar: { at: 'most', of: 1.3 },
      },
    ]
  })
