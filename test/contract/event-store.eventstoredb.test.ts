import { mock } from 'node:test'
import { openEventStoreDb } from '../../src/store/eventstoredb/eventstoredb-event-store.ts'
import { EventStoreDbDouble } from '../doubles/eventstoredb/double.ts'
import { Wire } from '../doubles/eventstoredb/wire.ts'
import type { Harness, ServerControls } from './event-store/harness.ts'
import { eventStoreContract } from './event-store.ts'

const TIMEOUT_MS = 1_500

// The client warns of pings as frequent as these tests need them.
mock.method(console, 'warn', () => {})

const harness = (port: number, server: Omit<ServerControls, 'timeoutMs'>, release: () => Promise<void>): Harness => {
  const connectionString = `esdb://127.0.0.1:${port}?tls=false&keepAliveInterval=500&keepAliveTimeout=500`
  let store = openEventStoreDb({ connectionString, timeoutMs: TIMEOUT_MS })
  return {
    store,
    reopen: async () => {
      await store.close()
      store = openEventStoreDb({ connectionString, timeoutMs: TIMEOUT_MS })
      return store
    },
    server: { timeoutMs: TIMEOUT_MS, ...server },
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await release()
    },
  }
}

eventStoreContract(
  "the EventStoreDB event store, on the server's double",
  async () => {
    const double = await new EventStoreDbDouble().start()
    const server = {
      kill: async () => double.kill(),
      start: async () => void (await double.start()),
      freeze: () => double.freeze(),
      unfreeze: () => double.unfreeze(),
      cutConnections: () => double.cutConnections(),
      loseNextAnswer: () => double.loseNextAnswer(),
    }
    return harness(double.port, server, () => double[Symbol.asyncDispose]())
  },
  { hasServer: true },
)

const real = process.env.HARK_TEST_EVENTSTOREDB
if (real) {
  const target = new URL(real)
  eventStoreContract(
    `the EventStoreDB event store, on ${real}`,
    async () => {
      const wire = new Wire()
      await wire.open(target)
      const server = {
        kill: async () => wire.break(),
        start: () => wire.open(target),
        freeze: () => wire.freeze(),
        unfreeze: () => wire.thaw(),
        cutConnections: () => wire.cut(),
        loseNextAnswer: () => wire.loseNextAnswer(),
      }
      return harness(wire.port, server, async () => wire.break())
    },
    { hasServer: true },
  )
}
