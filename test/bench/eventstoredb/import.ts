import { join } from 'node:path'
import { EventStoreDBClient } from '@eventstore/db-client'
import { decorateStore } from '../../../src/event-store/decorate-store.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { exportLog } from '../../../src/ops/transfer/export-log.ts'
import { importLog } from '../../../src/ops/transfer/import-log.ts'
import { RunningHark } from '../../support/running-hark.ts'
import { withEngine } from '../engine.ts'
import type { Figure } from '../figure.ts'
import { alternately, inParallel, inScratch, rateOf } from '../scratch.ts'
import { runAt } from '../workload.ts'
import { withEventStoreDb } from './server.ts'

const LISTENERS = 10_000
/** Listeners of twenty events each: creation and move append two. */
const COMMANDS = 18
const ROUNDS = 3

const exportLogTo = (folder: string, file: string): Promise<number> =>
  withEngine(folder, async ({ engine, store }) => {
    await inParallel(64, LISTENERS * COMMANDS, index => runAt(engine, LISTENERS, index))
    return exportLog(store, file)
  })

/** Events a second. */
const importRate = async (connectionString: string, file: string, events: number): Promise<number> => {
  const store = openEventStoreDb({ connectionString })
  // A server may keep the events of earlier runs.
  const empty = decorateStore(store, { async *readAll() {} })
  return rateOf(events, async () => {
    await importLog(file, empty)
  }).finally(() => store.close())
}

const millisecondsOf = async (work: () => Promise<void>): Promise<number> => {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

const readAllBare = async (connectionString: string): Promise<void> => {
  const client = EventStoreDBClient.connectionString(connectionString)
  for await (const _ of client.readAll());
  await client.dispose()
}

const startToReady = async (connectionString: string, folder: string): Promise<void> => {
  await using hark = await RunningHark.start(['--store', connectionString, '--data', folder])
  await hark.ready()
}

/** Imports an exported log of 200,000 events, and starts without read models on what the server then holds. */
export const eventStoreDbImport = (): Promise<Figure[]> =>
  inScratch(folder =>
    withEventStoreDb(async (connectionString, name) => {
      const file = join(folder, 'log.jsonl')
      const events = await exportLogTo(folder, file)
      const rate = await importRate(connectionString, file, events)
      const [ready, bare] = await alternately(
        ROUNDS,
        round => millisecondsOf(() => startToReady(connectionString, join(folder, `started-${round}`))),
        () => millisecondsOf(() => readAllBare(connectionString)),
      )
      return [
        {
          name: `importing a log, events, ${name}`,
          unit: '/s',
          value: rate,
          bar: { at: 'least', of: 4_000 },
        },
        {
          name: `start to ready, 200,000 events not projected, ${name}`,
          unit: 'ms',
          value: ready,
          against: { name: 'reading the same events with the bare client', value: bare },
          bar: { at: 'most', of: 2 },
        },
      ]
    }),
  )
