import { EventStoreDbDouble } from '../doubles/eventstoredb/double.ts'
import { Wire } from '../doubles/eventstoredb/wire.ts'
import { eventStoreDbFacts } from './eventstoredb-facts.ts'

eventStoreDbFacts("EventStoreDB's double", async () => {
  const double = await new EventStoreDbDouble().start()
  return {
    connectionString: double.connectionString,
    kill: async () => double.kill(),
    freeze: () => double.freeze(),
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  }
})

const real = process.env.HARK_TEST_EVENTSTOREDB
if (real) {
  eventStoreDbFacts(`EventStoreDB at ${real}`, async () => {
    const wire = new Wire()
    await wire.open(new URL(real))
    return {
      connectionString: `esdb://127.0.0.1:${wire.port}?tls=false`,
      kill: async () => wire.break(),
      freeze: () => wire.freeze(),
      [Symbol.asyncDispose]: async () => wire.break(),
    }
  })
}
