import { mock } from 'node:test'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import { TcpProxy } from '../fakes/eventstoredb/tcp-proxy.ts'
import type { Harness, ServerControls } from './event-store/harness.ts'
import { eventStoreContract } from './event-store.ts'

interface Limits {
  readonly timeoutMs: number
  readonly keepAliveMs: number
}

/** Other tests run beside these: on two cores the double may have to wait for one. */
const LIMITS_OF_DOUBLE: Limits = { timeoutMs: 2_500, keepAliveMs: 500 }
/** A server with few cores stands still for more than a second now and then, while it waits for threads to start. */
const LIMITS_OF_SERVER: Limits = { timeoutMs: 4_000, keepAliveMs: 1_500 }

// The client warns of pings as frequent as these tests need them.
mock.method(console, 'warn', () => {})

const harness = (
  port: number,
  { timeoutMs, keepAliveMs }: Limits,
  server: Omit<ServerControls, 'timeoutMs'>,
  release: () => Promise<void>,
): Harness => {
  const connectionString = `esdb://127.0.0.1:${port}?tls=false&keepAliveInterval=${keepAliveMs}&keepAliveTimeout=${keepAliveMs}`
  let store = openEventStoreDb({ connectionString, timeoutMs })
  return {
    store,
    reopen: async () => {
      await store.close()
      store = openEventStoreDb({ connectionString, timeoutMs })
      return store
    },
    server: { timeoutMs, ...server },
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await release()
    },
  }
}

eventStoreContract(
  "the EventStoreDB event store, on the server's double",
  async () => {
    const double = await new FakeEventStoreDb().start()
    const server = {
      kill: async () => double.kill(),
      start: async () => void (await double.start()),
      freeze: () => double.freeze(),
      unfreeze: () => double.unfreeze(),
      cutConnections: () => double.cutConnections(),
      loseNextAnswer: () => double.loseNextAnswer(),
    }
    return harness(double.port, LIMITS_OF_DOUBLE, server, () => double[Symbol.asyncDispose]())
  },
  { hasServer: true },
)

const real = process.env.HARK_TEST_EVENTSTOREDB
if (real) {
  const target = new URL(real)
  eventStoreContract(
    `the EventStoreDB event store, on ${real}`,
    async () => {
      const wire = new TcpProxy()
      await wire.open(target)
      const server = {
        kill: async () => wire.break(),
        start: () => wire.open(target),
        freeze: () => wire.freeze(),
        unfreeze: () => wire.thaw(),
        cutConnections: () => wire.cut(),
        loseNextAnswer: () => wire.loseNextAnswer(),
      }
      return harness(wire.port, LIMITS_OF_SERVER, server, async () => wire.break())
    },
    { hasServer: true },
  )
}
