import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withSharedSubscription } from '../../src/event-store/shared-subscription.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import type { Harness } from './event-store/harness.ts'
import { eventStoreContract } from './event-store.ts'

const makeHarness = async (): Promise<Harness> => {
  const folder = await mkdtemp(join(tmpdir(), 'hark-event-store-'))
  const open = () => withSharedSubscription(openSqliteEventStore({ file: join(folder, 'events.db') }), [''])
  let store = open()
  return {
    store,
    reopen: async () => {
      await store.close()
      store = open()
      return store
    },
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

eventStoreContract('withSharedSubscription', makeHarness, ['subscribe', 'close'])
