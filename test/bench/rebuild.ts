import { rm } from 'node:fs/promises'
import { HarkError } from '../../schemas/errors.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { lastPosition } from '../../src/event-store/last-event.ts'
import { readAndParse } from './bare-sqlite.ts'
import { eventFile, readModelFile, withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { timeToReady } from './process.ts'
import { inParallel, inScratch, rateOf } from './scratch.ts'
import { runAt } from './workload.ts'

const EVENTS = 200_000
const LISTENERS = 10_000
/** Listeners of twenty events each: creation and move append two. */
const COMMANDS = EVENTS / LISTENERS - 2

const STARTS = 5

/** Resolves once the history is there. */
const historyOf = async ({ read }: Engine): Promise<void> => {
  for (;;) {
    try {
      await (await read.past({ position: 1 })).sites()
      return
    } catch (error) {
      if (!(error instanceof HarkError && error.code === 'UNAVAILABLE')) throw error
    }
  }
}

/** A start without read models, and one with them in place. */
export const rebuildAndStart = (): Promise<Figure[]> =>
  inScratch(async folder => {
    const events = await withEngine(folder, async ({ engine, store }) => {
      await inParallel(64, LISTENERS * COMMANDS, index => runAt(engine, LISTENERS, index))
      return lastPosition(store)
    })
    const parsed = await rateOf(events, () => {
      readAndParse(eventFile(folder))
    })
    const ready = await timeToReady(folder, STARTS)
    const readyWithNone = await inScratch(empty => timeToReady(empty, STARTS))
    await rm(readModelFile(folder))
    let [rebuilt, history] = [0, 0]
    const begin = performance.now()
    await withEngine(folder, async ({ engine }) => {
      rebuilt = (events / (performance.now() - begin)) * 1000
      history = await rateOf(events, () => historyOf(engine))
    })
    return [
      {
        name: 'rebuilding all live read models, events',
        unit: '/s',
        value: rebuilt,
        against: { name: 'reading the same rows and JSON.parse on each', value: parsed },
        bar: { at: 'least', of: 0.4 },
      },
      { name: 'their history, afterwards, events', unit: '/s', value: history, bar: { at: 'least', of: 25_000 } },
      {
        name: 'start to ready, 200,000 events projected',
        unit: 'ms',
        value: ready,
        against: { name: 'start to ready with none', value: readyWithNone },
        bar: { at: 'most', of: 1.3 },
      },
    ]
  })
