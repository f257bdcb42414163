import { mock } from 'node:test'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'
import { TcpProxy } from '../../fakes/eventstoredb/tcp-proxy.ts'
import { eventStoreContract, type Suite } from '../event-store.ts'
import type { Harness, ServerControls } from './harness.ts'

interface Limits {
  readonly timeoutMs: number
  readonly keepAliveMs: number
}

/** Long enough for a fake server that shares two cores with other tests. */
const LIMITS_OF_FAKE: Limits = { timeoutMs: 2_500, keepAliveMs: 500 }
/** For tests that wait for no timeout. */
const PATIENT_LIMITS: Limits = { timeoutMs: 20_000, keepAliveMs: 10_000 }
/** A server with few cores can stall for more than a second while it starts threads. */
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

const makeFake = (limits: Limits) => async (): Promise<Harness> => {
  const fake = await new FakeEventStoreDb().start()
  const server = {
    kill: async () => fake.kill(),
    start: async () => void (await fake.start()),
    freeze: () => fake.freeze(),
    unfreeze: () => fake.unfreeze(),
    cutConnections: () => fake.cutConnections(),
    loseNextAnswer: () => fake.loseNextAnswer(),
  }
  return harness(fake.port, limits, server, () => fake[Symbol.asyncDispose]())
}

const makeReal = (target: URL) => async (): Promise<Harness> => {
  const proxy = new TcpProxy()
  await proxy.open(target)
  const server = {
    kill: async () => proxy.break(),
    start: () => proxy.open(target),
    freeze: () => proxy.freeze(),
    unfreeze: () => proxy.thaw(),
    cutConnections: () => proxy.cut(),
    loseNextAnswer: () => proxy.loseNextAnswer(),
  }
  return harness(proxy.port, LIMITS_OF_SERVER, server, async () => proxy.break())
}

/** Declares suites of the contract on the fake server, and on the server that HARK_TEST_EVENTSTOREDB names. */
export const eventStoreDbContract = (suites: readonly Suite[]): void => {
  const limits = suites.includes('outages') ? LIMITS_OF_FAKE : PATIENT_LIMITS
  eventStoreContract('EventStoreDB event store on the fake server', makeFake(limits), suites)
  const real = process.env.HARK_TEST_EVENTSTOREDB
  if (real) eventStoreContract(`EventStoreDB event store on ${real}`, makeReal(new URL(real)), suites)
}
