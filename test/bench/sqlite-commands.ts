import { join } from 'node:path'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { BareInserts, fillBareTable, fillEventTable } from './bare-sqlite.ts'
import { withChainedEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { inParallel, inScratch, rateOf } from './scratch.ts'
import { LIFE, runAt } from './workload.ts'

const LISTENERS = 20_000
/** In a round. They take longer than the history may be behind. */
const COMMANDS = LISTENERS * LIFE
const ROUNDS = 2
const MANY_CALLERS = 1_024
const WARM_UP = 2_000
const ONE_CALLER_ROUNDS = 16
/** In a round. */
const ONE_CALLER_COMMANDS = 500

/** Resolves when the history has all events, so that it does not take the disk meanwhile. */
const whenAtRest = async ({ read }: Engine): Promise<void> => {
  await (await read.past({ position: read.head().position })).sites()
}

type Fill = (file: string, events: readonly RecordedEvent[]) => void

/** Commands a second of this many callers, and the rates of bare inserts of their events, in turns. */
const commandsAgainst = (
  callers: number,
  ...fills: readonly Fill[]
): Promise<{ readonly rate: number; readonly bare: readonly number[] }> =>
  inScratch(folder =>
    withChainedEngine(folder, async ({ engine, store }) => {
      await inParallel(callers, WARM_UP * LIFE, index => runAt(engine, WARM_UP, index, 'warm-up'))
      const seconds = { engine: 0, bare: fills.map(() => 0) }
      for (let round = 0; round < ROUNDS; round += 1) {
        const before = engine.read.head().position
        const run = () => inParallel(callers, COMMANDS, index => runAt(engine, LISTENERS, index, `round-${round}`))
        seconds.engine += COMMANDS / (await rateOf(COMMANDS, run))
        await whenAtRest(engine)
        const events: RecordedEvent[] = []
        for await (const event of store.readAll({ from: before })) events.push(event)
        for (const [index, fill] of fills.entries())
          seconds.bare[index]! += COMMANDS / (await rateOf(COMMANDS, () => fill(join(folder, `${index}.db`), events)))
      }
      const rateIn = (time: number): number => (ROUNDS * COMMANDS) / time
      return { rate: rateIn(seconds.engine), bare: seconds.bare.map(rateIn) }
    }),
  )

const SAME_TABLES = 'the same events into the same tables, 1,000 a commit'

/** Durable commands through decide, append and projection, against bare inserts of the same events. */
export const sqliteCommands = async (): Promise<Figure[]> => {
  const { rate, bare } = await commandsAgainst(64, fillEventTable, fillBareTable)
  const [sameTables = 0, bareTable = 0] = bare
  const value = { name: 'durable commands, 64 callers, sqlite', unit: '/s', value: rate }
  return [
    { ...value, against: { name: SAME_TABLES, value: sameTables }, bar: { at: 'least', of: 0.4 } },
    {
      ...value,
      against: { name: 'their JSON into a bare table, 1,000 a commit', value: bareTable },
      bar: { at: 'least', of: 0.12 },
    },
  ]
}

/** As `sqliteCommands`, with more callers than a commit takes. */
export const sqliteManyCallers = async (): Promise<Figure[]> => {
  const { rate, bare } = await commandsAgainst(MANY_CALLERS, fillEventTable)
  return [
    {
      name: 'durable commands, 1,024 callers, sqlite',
      unit: '/s',
      value: rate,
      against: { name: SAME_TABLES, value: bare[0] as number },
      bar: { at: 'least', of: 0.5 },
    },
  ]
}

/** One caller, waiting for the disk each time, in turns with bare inserts. */
export const sqliteOneCaller = (): Promise<Figure[]> =>
  inScratch(folder =>
    withChainedEngine(folder, async ({ engine, store }) => {
      await inParallel(64, LISTENERS, index => runAt(engine, LISTENERS, index))
      await whenAtRest(engine)
      using bare = new BareInserts(join(folder, 'one.db'))
      const run = (round: number): Promise<number> =>
        rateOf(ONE_CALLER_COMMANDS, () =>
          // Routing keys: one event per command, as the baseline has one row.
          inParallel(1, ONE_CALLER_COMMANDS, index =>
            runAt(engine, LISTENERS, 2 * LISTENERS + round * ONE_CALLER_COMMANDS + index),
          ),
        )
      const insertSame = async (): Promise<number> => {
        const texts: string[] = []
        for await (const event of store.readAll({ direction: 'backward', limit: ONE_CALLER_COMMANDS }))
          texts.push(JSON.stringify(event))
        return rateOf(ONE_CALLER_COMMANDS, () => bare.insert(texts))
      }
      const seconds = { run: 0, insert: 0 }
      for (let round = 0; round < ONE_CALLER_ROUNDS; round += 1) {
        seconds.run += ONE_CALLER_COMMANDS / (await run(round))
        seconds.insert += ONE_CALLER_COMMANDS / (await insertSame())
      }
      const commands = ONE_CALLER_ROUNDS * ONE_CALLER_COMMANDS
      return [
        {
          name: 'durable commands, one caller, sqlite',
          unit: '/s',
          value: commands / seconds.run,
          against: { name: 'one INSERT a commit, synchronous=FULL', value: commands / seconds.insert },
          bar: { at: 'least', of: 0.8 },
        },
      ]
    }),
  )
