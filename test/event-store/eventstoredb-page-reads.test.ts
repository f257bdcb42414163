import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { BEGINNING, type RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { type Batch, type EventStore, NO_STREAM } from '../../src/event-store/event-store.ts'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { all, idsOf } from '../contract/event-store/events.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import { eventually } from '../support/eventually.ts'
import fc from '../support/fast-check.ts'

const WRITERS = 16
const APPENDS = 20
/** Records after which the server reports its position to a subscription without events. */
const SEARCH_WINDOW = 1000

const FAILURES = {
  'the connection is lost': (server: FakeEventStoreDb) => server.cutConnections(),
  'a response is lost': (server: FakeEventStoreDb) => server.loseNextAnswer(),
  'the subscription is dropped': (server: FakeEventStoreDb) => server.dropSubscriptions(),
  'the server ends the append calls': (server: FakeEventStoreDb) => server.endAppending(),
} as const

const anyFailure = fc.record({
  nth: fc.integer({ min: 1, max: WRITERS * APPENDS }),
  failure: fc.constantFrom(...(Object.keys(FAILURES) as (keyof typeof FAILURES)[])),
})

const appendTo = async (store: EventStore, stream: string): Promise<void> => {
  const metadata = { schemaVersion: 1, actor: 'alice', correlationId: randomUUID() }
  for (let revision = NO_STREAM; revision < NO_STREAM + APPENDS; revision += 1)
    await store.append(stream, revision, [{ id: randomUUID(), type: 'PortUpdated', data: {}, metadata }])
}

/** Without a request, which may be paused. */
const write = ({ log }: FakeEventStoreDb, stream: string): void => {
  const [data, metadata] = [Buffer.from('{}'), Buffer.from('{}')]
  const event = { id: randomUUID(), type: 'PortUpdated', contentType: 'application/json', data, metadata }
  log.append(stream, 'no_stream', [event])
}

const received = async (store: EventStore, prefix: string, count: number): Promise<RecordedEvent[]> => {
  const end = new AbortController()
  const events: RecordedEvent[] = []
  for await (const batch of store.subscribe({ after: BEGINNING, prefixes: [prefix], signal: end.signal })) {
    events.push(...batch.events)
    if (events.length >= count) end.abort()
  }
  return events
}

const open = async (stack: AsyncDisposableStack) => {
  const server = stack.use(await new FakeEventStoreDb().start())
  const openStore = (): EventStore => {
    const store = openEventStoreDb({ connectionString: server.connectionString, timeoutMs: 20_000 })
    stack.defer(() => store.close())
    return store
  }
  return { server, store: openStore(), other: openStore() }
}

const streamsOf = (prefix: string): string[] => Array.from({ length: WRITERS }, (_, index) => `${prefix}${index}`)

describe('subscribe on EventStoreDB, beside many appends of the same store', () => {
  it('reads pages', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store } = await open(stack)
    const receiving = received(store, 'listener-west.', WRITERS * APPENDS)
    await Promise.all(streamsOf('listener-west.').map(stream => appendTo(store, stream)))
    assert.equal((await receiving).length, WRITERS * APPENDS)
    assert.ok(server.eventsSubscribed < WRITERS * APPENDS, `${server.eventsSubscribed} events were sent one by one`)
  })

  it('still reads pages after a pause of the server', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store } = await open(stack)
    const end = new AbortController()
    const [seen, paused] = [new Map<string, number>(), Promise.withResolvers<void>()]
    const append = (prefix: string) => Promise.all(streamsOf(prefix).map(stream => appendTo(store, stream)))
    let [requests, sent] = [0, 0]
    let appending = append('listener-west.')
    const following = (async () => {
      for await (const { events } of store.subscribe({
        after: BEGINNING,
        prefixes: ['listener-'],
        signal: end.signal,
      })) {
        for (const { id } of events) seen.set(id, 1 + (seen.get(id) ?? 0))
        if (seen.size === 2 * WRITERS * APPENDS) end.abort()
        if (seen.size !== WRITERS * APPENDS || requests > 0) continue
        server.pause()
        ;[requests, sent] = [server.requests, server.eventsSubscribed]
        appending = append('listener-east.')
        paused.resolve()
      }
    })()
    await paused.promise
    // The last one asks for what others append.
    await eventually(() => server.requests > requests + WRITERS)
    server.resume()
    await Promise.all([following, appending])
    assert.equal(server.eventsSubscribed, sent)
  })

  it('stays at the live subscription while the appends are of streams that it does not deliver', {
    timeout: 60_000,
  }, async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store } = await open(stack)
    write(server, 'connector-west.a')
    const end = new AbortController()
    const batches = store.subscribe({ after: BEGINNING, prefixes: ['connector-'], signal: end.signal })
    const reading = batches[Symbol.asyncIterator]()
    const next = async (isMet: (batch: Batch) => boolean): Promise<void> => {
      for (let batch = await reading.next(); !isMet(batch.value as Batch); batch = await reading.next()) {}
    }
    await next(({ live }) => live)
    server.log.writeSystemEvents(SEARCH_WINDOW)
    await next(({ events }) => events.length === 0)
    server.pause()
    const appending = streamsOf('listener-west.').map(stream => appendTo(store, stream))
    server.log.writeSystemEvents(SEARCH_WINDOW)
    await next(({ events }) => events.length === 0)
    write(server, 'connector-west.b')
    await next(({ events }) => events.length === 1)
    server.resume()
    await Promise.all(appending)
    end.abort()
    await reading.return?.()
  })

  it('yields each event once and in order, those of other writers too, whatever fails', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store, other } = await open(stack)
    await fc.assert(
      fc.asyncProperty(fc.array(anyFailure, { maxLength: 4 }), async failures => {
        const prefix = `listener-${randomUUID()}.`
        for (const { nth, failure } of failures) server.beforeRequest(nth, () => FAILURES[failure](server))
        const receiving = received(store, prefix, (WRITERS + 2) * APPENDS)
        const writing = streamsOf(prefix).map(stream => appendTo(store, stream))
        await Promise.all([...writing, appendTo(other, `${prefix}beside`)])
        await appendTo(other, `${prefix}after`)
        assert.deepEqual(idsOf(await receiving), idsOf(await all(store.readAll({ prefixes: [prefix] }))))
      }),
      { numRuns: 10 },
    )
  })
})
