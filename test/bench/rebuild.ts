import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { HarkError } from '../../schemas/errors.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { lastPosition } from '../../src/event-store/last-event.ts'
import { readAndParse } from './bare-sqlite.ts'
import { eventFile, readModelFile, withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { timesToReady } from './process.ts'
import { alternately, inParallel, inScratch, rateOf } from './scratch.ts'
import { LIFE, runAt } from './workload.ts'

const EVENTS = 200_000
const LISTENERS = 10_000
/** Listeners of twenty events each: creation and move append two. */
const COMMANDS = EVENTS / LISTENERS - 2

const ROUNDS = 3
/** Beside the history; it takes longer than so many. */
const COMMANDS_BESIDE = 20_000
const POLL_MS = 5

const hasHistory = async ({ read }: Engine): Promise<boolean> => {
  try {
    await (await read.past({ position: 1 })).sites()
    return true
  } catch (error) {
    if (error instanceof HarkError && error.code === 'UNAVAILABLE') return false
    throw error
  }
}

const whenHistory = async (engine: Engine): Promise<void> => {
  while (!(await hasHistory(engine))) await pause(POLL_MS)
}

/** The rate of the read models, in events a second, and what `work` then finds. */
const rebuildIn = async <T>(
  folder: string,
  events: number,
  work: (engine: Engine) => Promise<T>,
): Promise<{ readonly rate: number; readonly result: T }> => {
  await rm(readModelFile(folder))
  const begin = performance.now()
  return withEngine(folder, async ({ engine }) => {
    const rate = (events / (performance.now() - begin)) * 1000
    return { rate, result: await work(engine) }
  })
}

/** Commands a second while the history is made, and afterwards. */
const commandsBeside = async (engine: Engine): Promise<[number, number]> => {
  const run = (set: string) =>
    rateOf(COMMANDS_BESIDE, () =>
      inParallel(64, COMMANDS_BESIDE, index => runAt(engine, COMMANDS_BESIDE / LIFE, index, set)),
    )
  await run('warm-up')
  const beside = await run('beside')
  if (await hasHistory(engine)) throw new Error('the history was made before the commands ended')
  await whenHistory(engine)
  return [beside, await run('afterwards')]
}

/** A start without read models, and one with them in place. */
export const rebuildAndStart = (): Promise<Figure[]> =>
  inScratch(async folder => {
    const events = await withEngine(folder, async ({ engine, store }) => {
      await inParallel(64, LISTENERS * COMMANDS, index => runAt(engine, LISTENERS, index))
      return lastPosition(store)
    })
    const [ready, readyWithNone] = await timesToReady(folder)
    const [rebuilt, parsed] = await alternately(
      ROUNDS,
      async () => (await rebuildIn(folder, events, async () => undefined)).rate,
      () => rateOf(events, () => void readAndParse(eventFile(folder))),
    )
    const { result: history } = await rebuildIn(folder, events, engine => rateOf(events, () => whenHistory(engine)))
    const { result: commands } = await rebuildIn(folder, events, commandsBeside)
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
        name: 'durable commands, 64 callers, while their history is made',
        unit: '/s',
        value: commands[0],
        against: { name: 'the same afterwards', value: commands[1] },
        bar: { at: 'least', of: 0.9 },
      },
      {
        name: 'start to ready, 200,000 events projected',
        unit: 'ms',
        value: ready,
        against: { name: 'start to ready with none', value: readyWithNone },
        bar: { at: 'most', of: 1.3 },
      },
    ]
  })
