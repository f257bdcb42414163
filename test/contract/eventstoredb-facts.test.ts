import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANY,
  type AppendToStreamOptions,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  UnavailableError,
} from '@eventstore/db-client'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import { TcpProxy } from '../fakes/eventstoredb/tcp-proxy.ts'
import { eventStoreDbFacts } from './eventstoredb-facts.ts'

eventStoreDbFacts('fake EventStoreDB', async () => {
  const double = await new FakeEventStoreDb().start()
  return {
    connectionString: double.connectionString,
    kill: async () => double.kill(),
    freeze: () => double.freeze(),
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  }
})

// A server to test against is not this test's to restart: the real one does it, too.
test('fake EventStoreDB › forgets the ids of appends without expected revision when it restarts', async () => {
  await using double = await new FakeEventStoreDb().start()
  const client = EventStoreDBClient.connectionString(double.connectionString)
  const noted = [jsonEvent({ type: 'Noted', data: {} })]
  const append = (expectedRevision: AppendToStreamOptions['expectedRevision'] & {}) =>
    client.appendToStream('a', noted, { expectedRevision })
  const { nextExpectedRevision } = await append(NO_STREAM)
  double.kill()
  await double.start()
  await assert.rejects(append(ANY), UnavailableError)
  assert.equal((await append(NO_STREAM)).nextExpectedRevision, nextExpectedRevision)
  assert.equal((await append(ANY)).nextExpectedRevision, nextExpectedRevision + 1n)
  await client.dispose()
})

test('TcpProxy › opens a port that no earlier one of this process had', async () => {
  const ports: number[] = []
  for (let opened = 0; opened < 500; opened++) {
    const wire = new TcpProxy()
    await wire.open({ hostname: '127.0.0.1', port: 1 })
    ports.push(wire.port)
    wire.break()
  }
  assert.equal(new Set(ports).size, ports.length)
})

const real = process.env.HARK_TEST_EVENTSTOREDB
if (real) {
  eventStoreDbFacts(`EventStoreDB at ${real}`, async () => {
    const wire = new TcpProxy()
    await wire.open(new URL(real))
    return {
      connectionString: `esdb://127.0.0.1:${wire.port}?tls=false`,
      kill: async () => wire.break(),
      freeze: () => wire.freeze(),
      [Symbol.asyncDispose]: async () => wire.break(),
    }
  })
}
