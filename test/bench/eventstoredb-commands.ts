import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { NO_STREAM as CLIENT_NO_STREAM, EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { withEngineOn } from './engine.ts'
import type { Figure } from './figure.ts'
import { inParallel, inScratch, rateOf } from './scratch.ts'
import { LIFE, RUN, runAt } from './workload.ts'

const LISTENERS = 2_000
const WARM_UP = 500
const CALLERS = 64

/** Runs `work` with the server of HARK_TEST_EVENTSTOREDB, or with the fake in a separate process. */
const withServer = async <T>(work: (connectionString: string, name: string) => Promise<T>): Promise<T> => {
  const real = process.env.HARK_TEST_EVENTSTOREDB
  if (real) return work(real, 'EventStoreDB')
  const child = spawn(process.execPath, [join(import.meta.dirname, 'processes/eventstoredb-process.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const [port] = (await once(child.stdout, 'data')) as [Buffer]
    return await work(`esdb://127.0.0.1:${String(port).trim()}?tls=false`, 'the double')
  } finally {
    child.kill()
  }
}

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

/** Durable commands on EventStoreDB, against the bare client appending the same events. */
export const eventStoreDbCommands = (): Promise<Figure[]> =>
  inScratch(folder =>
    withServer(async (connectionString, name) => {
      const commands = LISTENERS * LIFE
      const store = openEventStoreDb({ connectionString })
      const appends: Append[] = []
      const rate = await withEngineOn(store, folder, async ({ engine }) => {
        await inParallel(CALLERS, WARM_UP * LIFE, index => runAt(engine, WARM_UP, index, 'warm-up'))
        const before = engine.read.head().position
        const rate = await rateOf(commands, () =>
          inParallel(CALLERS, commands, index => runAt(engine, LISTENERS, index)),
        )
        for await (const event of store.readAll({ from: before, prefixes: [`listener-${RUN}`, `endpoint-${RUN}`] })) {
          appends.push({ stream: event.stream, expected: event.revision - 1, events: [event] })
        }
        return rate
      })
      const bare = await appendBare(connectionString, appends)
      return [
        {
          name: `durable commands, 64 callers, ${name}`,
          unit: '/s',
          value: rate,
          against: {
            name: 'the bare client appending the same events, 64 callers',
            value: (bare * commands) / appends.length,
          },
          bar: { at: 'least', of: 0.8 },
        },
      ]
    }),
  )
