import { rm } from 'node:fs/promises'
import { readAndParse } from './bare-sqlite.ts'
import { eventFile, readModelFile, withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { inParallel, inScratch, rateOf } from './scratch.ts'
import { LIFE, runAt } from './workload.ts'

const EVENTS = 200_000
/** In its life a listener makes six events. */
const LISTENERS = Math.ceil(EVENTS / 6)

/** All read models from nothing, and a start with all of it behind one. */
export const rebuildAndStart = (): Promise<Figure[]> =>
  inScratch(async folder => {
    const events = await withEngine(folder, async ({ engine, store }) => {
      await inParallel(64, LISTENERS * LIFE, index => runAt(engine, LISTENERS, index))
      for await (const last of store.readAll({ direction: 'backward', limit: 1 })) return last.position
      return 0
    })
    const parsed = await rateOf(events, () => {
      readAndParse(eventFile(folder))
    })
    await rm(readModelFile(folder))
    const rebuilt = await rateOf(events, () => withEngine(folder, async () => {}))
    return [
      {
        name: 'rebuilding all read models, events',
        unit: '/s',
        value: rebuilt,
        against: { name: 'reading the same rows and JSON.parse on each', value: parsed },
        bar: { at: 'least', of: 0.25 },
      },
    ]
  })
