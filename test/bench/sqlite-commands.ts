import { join } from 'node:path'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { fillBareTable, fillEventTable, insertOneByOne } from './bare-sqlite.ts'
import { withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { inParallel, inScratch, rateOf } from './scratch.ts'
import { LIFE, runAt } from './workload.ts'

const LISTENERS = 20_000
const COMMANDS = LISTENERS * LIFE
const MANY_CALLERS = 1_024
const WARM_UP = 2_000
const ONE_CALLER_COMMANDS = 4_000

interface Measured {
  /** Commands a second. */
  readonly rate: number
  readonly events: readonly RecordedEvent[]
}

/** Runs the commands of all listeners' lives with this many callers. */
const commandsOf = async (folder: string, callers: number): Promise<Measured> =>
  withEngine(folder, async ({ engine, store }) => {
    await inParallel(callers, WARM_UP * LIFE, index => runAt(engine, WARM_UP, index, 'warm-up'))
    const before = engine.read.head().position
    const rate = await rateOf(COMMANDS, () => inParallel(callers, COMMANDS, index => runAt(engine, LISTENERS, index)))
    const events: RecordedEvent[] = []
    for await (const event of store.readAll({ from: before })) events.push(event)
    return { rate, events }
  })

/** Inserts the events of the commands, in commands a second. */
const sameTableRate = (folder: string, events: readonly RecordedEvent[]): Promise<number> =>
  rateOf(COMMANDS, () => fillEventTable(join(folder, 'same.db'), events))

/** Durable commands through decide, append and projection, against bare inserts of the same events. */
export const sqliteCommands = (): Promise<Figure[]> =>
  inScratch(async folder => {
    const { rate, events } = await commandsOf(folder, 64)
    const sameTable = await sameTableRate(folder, events)
    const bareTable = await rateOf(COMMANDS, () => fillBareTable(join(folder, 'bare.db'), events))
    const value = { name: 'durable commands, 64 callers, sqlite', unit: '/s', value: rate }
    return [
      {
        ...value,
        against: { name: 'the same events into the same tables, 1,000 a commit', value: sameTable },
        bar: { at: 'least', of: 0.4 },
      },
      {
        ...value,
        against: { name: 'their JSON into a bare table, 1,000 a commit', value: bareTable },
        bar: { at: 'least', of: 0.12 },
      },
    ]
  })

/** As `sqliteCommands`, with more callers than a commit takes. */
export const sqliteManyCallers = (): Promise<Figure[]> =>
  inScratch(async folder => {
    const { rate, events } = await commandsOf(folder, MANY_CALLERS)
    return [
      {
        name: 'durable commands, 1,024 callers, sqlite',
        unit: '/s',
        value: rate,
        against: {
          name: 'the same events into the same tables, 1,000 a commit',
          value: await sameTableRate(folder, events),
        },
        bar: { at: 'least', of: 0.5 },
      },
    ]
  })

/** One caller, waiting for the disk each time. */
export const sqliteOneCaller = (): Promise<Figure[]> =>
  inScratch(folder =>
    withEngine(folder, async ({ engine, store }) => {
      await inParallel(64, LISTENERS, index => runAt(engine, LISTENERS, index))
      // Routing keys: one event per command, as the baseline has one row.
      const first = 2 * LISTENERS
      const rate = await rateOf(ONE_CALLER_COMMANDS, () =>
        inParallel(1, ONE_CALLER_COMMANDS, index => runAt(engine, LISTENERS, first + index)),
      )
      const texts: string[] = []
      for await (const event of store.readAll({ direction: 'backward', limit: ONE_CALLER_COMMANDS }))
        texts.push(JSON.stringify(event))
      const bare = await rateOf(ONE_CALLER_COMMANDS, () => insertOneByOne(join(folder, 'one.db'), texts))
      return [
        {
          name: 'durable commands, one caller, sqlite',
          unit: '/s',
          value: rate,
          against: { name: 'one INSERT a commit, synchronous=FULL', value: bare },
          bar: { at: 'least', of: 0.7 },
        },
      ]
    }),
  )
