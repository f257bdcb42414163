import { NO_STREAM as CLIENT_NO_STREAM, EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { type Open, withEngineOn } from '../engine.ts'
import type { Figure } from '../figure.ts'
import { inParallel, inScratch, rateOf } from '../scratch.ts'
import { LIFE, RUN, runAt } from '../workload.ts'
import { withEventStoreDb } from './server.ts'

const ROUNDS = 8
/** In a round. */
const LISTENERS = 500
const COMMANDS = LISTENERS * LIFE
const WARM_UP = 500
const CALLERS = 64

/** Events of a stream that were appended together. */
interface Append {
  readonly stream: string
  readonly expected: number
  readonly events: readonly RecordedEvent[]
}

/** Repeats the appends on other streams, in order; each caller awaits its appends. */
const appendBare = async (connectionString: string, appends: readonly Append[]): Promise<number> => {
  const client = EventStoreDBClient.connectionString(connectionString)
  try {
    const byStream = Map.groupBy(appends, ({ stream }) => stream)
    const streams = [...byStream.values()]
    return await rateOf(appends.length, () =>
      inParallel(CALLERS, streams.length, async index => {
        for (const { stream, expected, events } of streams[index] as Append[]) {
          const written = events.map(({ type, data, metadata }) =>
            jsonEvent({ type, data: data as object as Record<string, unknown>, metadata }),
          )
          const expectedRevision = expected === -1 ? CLIENT_NO_STREAM : BigInt(expected)
          await client.appendToStream(`bare-${stream}`, written, { expectedRevision })
        }
      }),
    )
  } finally {
    await client.dispose()
  }
}

/** Commands of one round, and the appends that they made. */
const appendsOfRound = async ({ engine, store }: Open, set: string): Promise<{ rate: number; appends: Append[] }> => {
  const before = engine.read.head().position
  const rate = await rateOf(COMMANDS, () =>
    inParallel(CALLERS, COMMANDS, index => runAt(engine, LISTENERS, index, set)),
  )
  const appends: Append[] = []
  for await (const event of store.readAll({ from: before, prefixes: [`listener-${RUN}`, `endpoint-${RUN}`] }))
    appends.push({ stream: event.stream, expected: event.revision - 1, events: [event] })
  return { rate, appends }
}

/** Durable commands on EventStoreDB, against the bare client appending the same events, in turns. */
export const eventStoreDbCommands = (): Promise<Figure[]> =>
  inScratch(folder =>
    withEventStoreDb(async (connectionString, name) => {
      // A server may keep the events of earlier runs, whose rows and versions would be written meanwhile.
      await withEngineOn(openEventStoreDb({ connectionString }), folder, async () => {})
      const store = openEventStoreDb({ connectionString })
      const seconds = { engine: 0, bare: 0 }
      await withEngineOn(store, folder, async open => {
        await inParallel(CALLERS, WARM_UP * LIFE, index => runAt(open.engine, WARM_UP, index, 'warm-up'))
        for (let round = 0; round < ROUNDS; round += 1) {
          const { rate, appends } = await appendsOfRound(open, `round-${round}`)
          seconds.engine += COMMANDS / rate
          seconds.bare += appends.length / (await appendBare(connectionString, appends))
        }
      })
      return [
        {
          name: `durable commands, 64 callers, ${name}`,
          unit: '/s',
          value: (ROUNDS * COMMANDS) / seconds.engine,
          against: {
            name: 'the bare client appending the same events, 64 callers',
            value: (ROUNDS * COMMANDS) / seconds.bare,
          },
          bar: { at: 'least', of: 0.9 },
        },
      ]
    }),
  )
