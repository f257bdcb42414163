import { join } from 'node:path'
import { decorateStore } from '../../../src/event-store/decorate-store.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { exportLog } from '../../../src/ops/transfer/export-log.ts'
import { importLog } from '../../../src/ops/transfer/import-log.ts'
import { withEngine } from '../engine.ts'
import type { Figure } from '../figure.ts'
import { inParallel, inScratch, rateOf } from '../scratch.ts'
import { runAt } from '../workload.ts'
import { withEventStoreDb } from './server.ts'

const LISTENERS = 2_500
/** Listeners of twenty events each: creation and move append two. */
const COMMANDS = 18

/** Imports an exported log of 50,000 events. */
export const eventStoreDbImport = (): Promise<Figure[]> =>
  inScratch(folder =>
    withEventStoreDb(async (connectionString, name) => {
      const file = join(folder, 'log.jsonl')
      const events = await withEngine(folder, async ({ engine, store }) => {
        await inParallel(64, LISTENERS * COMMANDS, index => runAt(engine, LISTENERS, index))
        return exportLog(store, file)
      })
      const store = openEventStoreDb({ connectionString })
      // A server may keep the events of earlier runs.
      const empty = decorateStore(store, { async *readAll() {} })
      const value = await rateOf(events, async () => {
        await importLog(file, empty)
      }).finally(() => store.close())
      return [{ name: `import into EventStoreDB, events, ${name}`, unit: '/s', value, bar: { at: 'least', of: 4_000 } }]
    }),
  )
