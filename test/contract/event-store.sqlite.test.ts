import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import type { Harness } from './event-store/harness.ts'
import { eventStoreContract } from './event-store.ts'

const makeHarness = async (): Promise<Harness> => {
  const folder = await mkdtemp(join(tmpdir(), 'hark-event-store-'))
  const file = join(folder, 'events.db')
  let store = openSqliteEventStore({ file })
  return {
    store,
    reopen: async () => {
      await store.close()
      store = openSqliteEventStore({ file })
      return store
    },
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

eventStoreContract('SQLite event store', makeHarness, ['append', 'read', 'subscribe', 'close', 'properties'])
