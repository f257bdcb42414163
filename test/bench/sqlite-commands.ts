import { join } from 'node:path'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { fillBareTable, fillEventTable, insertOneByOne } from './bare-sqlite.ts'
import { withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { inParallel, inScratch, rateOf } from './scratch.ts'
import { LIFE, runAt } from './workload.ts'

const LISTENERS = 20_000
const WARM_UP = 2_000
const ONE_CALLER_COMMANDS = 4_000

/** Durable commands through decide, append and projection, against bare inserts of the same events. */
export const sqliteCommands = (): Promise<Figure[]> =>
  inScratch(async folder => {
    const commands = LISTENERS * LIFE
    const events: RecordedEvent[] = []
    const rate = await withEngine(folder, async ({ engine, store }) => {
      await inParallel(64, WARM_UP * LIFE, index => runAt(engine, WARM_UP, index, 'warm-up'))
      const before = engine.read.head().position
      const rate = await rateOf(commands, () => inParallel(64, commands, index => runAt(engine, LISTENERS, index)))
      for await (const event of store.readAll({ from: before })) events.push(event)
      return rate
    })
    // In commands a second as well: the events are those of these commands.
    const sameTable = await rateOf(commands, () => fillEventTable(join(folder, 'same.db'), events))
    const bareTable = await rateOf(commands, () => fillBareTable(join(folder, 'bare.db'), events))
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
