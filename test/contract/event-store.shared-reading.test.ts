import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'node:test'
import { withSharedReading } from '../../src/event-store/shared-reading.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { closing } from './event-store/closing.ts'
import { declareWith } from './event-store/harness.ts'
import { subscribing } from './event-store/subscribing.ts'

const it = declareWith(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hark-event-store-'))
  const open = () => withSharedReading(openSqliteEventStore({ file: join(folder, 'events.db') }), [''])
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
})

describe('a store with one reading for all who follow it', () => {
  describe('subscribing', () => subscribing(it))
  describe('closing', () => closing(it))
})
