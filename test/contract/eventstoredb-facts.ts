import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import {
  ANY,
  type AppendToStreamOptions,
  BACKWARDS,
  DeadlineExceededError,
  END,
  EventStoreDBClient,
  type JSONEventType,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  streamNameFilter,
  UnavailableError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client'

/** A server to ask, for one test. */
export interface Server extends AsyncDisposable {
  readonly connectionString: string
  kill(): Promise<void>
  /** Stops responding without closing connections. */
  freeze(): void
}

interface Scene {
  readonly client: EventStoreDBClient
  readonly server: Server
  /** Begins the names of this test's streams, and of no other's. */
  readonly prefix: string
  readonly append: (events: TestEvent[], expectedRevision: AppendToStreamOptions['expectedRevision']) => Appended
}
type TestEvent = ReturnType<typeof jsonEvent<JSONEventType>>
type Appended = ReturnType<EventStoreDBClient['appendToStream']>

const MAX_APPEND_SIZE = 1_048_576

// The client warns of pings as frequent as these tests need them.
mock.method(console, 'warn', () => {})

const event = (data: object = {}, id: string = crypto.randomUUID()): TestEvent =>
  jsonEvent({ id, type: 'Noted', data: { ...data }, metadata: { actor: 'alice' } })
const events = (count: number) => Array.from({ length: count }, () => event())

const all = async <T>(reading: AsyncIterable<T>): Promise<T[]> => {
  const read: T[] = []
  for await (const event of reading) read.push(event)
  return read
}

/** How EventStoreDB answers its client, bare: what the adapter builds on, and what a double of the server has to do. */
export const eventStoreDbFacts = (name: string, makeServer: () => Promise<Server>): void => {
  const it = (fact: string, body: (scene: Scene) => Promise<void>) =>
    test(fact, async () => {
      await using server = await makeServer()
      const client = EventStoreDBClient.connectionString(server.connectionString)
      const prefix = `facts.${crypto.randomUUID()}.`
      const append: Scene['append'] = (events, expectedRevision) =>
        client.appendToStream(`${prefix}a`, events, { expectedRevision: expectedRevision! })
      await body({ client, server, prefix, append }).finally(() => client.dispose())
    })

  describe(name, () => {
    describe('appending', () => appending(it))
    describe('reading', () => reading(it))
    describe('subscribing', () => subscribing(it))
    describe('a server that goes away', () => goingAway(it))
  })
}

type Declare = (fact: string, body: (scene: Scene) => Promise<void>) => void

const appending = (it: Declare): void => {
  it('returns the revision and position of the last event', async ({ client, prefix, append }) => {
    const { success, nextExpectedRevision, position } = await append(events(3), NO_STREAM)
    const read = await all(client.readStream(`${prefix}a`))
    assert.deepEqual([success, nextExpectedRevision], [true, 2n])
    assert.deepEqual(position, read.at(-1)?.event?.position)
    assert.equal(new Set(read.map(({ event }) => event?.position?.commit)).size, 3)
  })

  it('returns the expected and actual version if they differ', async ({ append }) => {
    const refused = async (appending: Appended, expected: unknown, actual: unknown) =>
      assert.rejects(appending, error => {
        assert.ok(error instanceof WrongExpectedVersionError)
        assert.deepEqual([error.expectedVersion, error.actualVersion, error.message], [expected, actual, ''])
        return true
      })
    await refused(append([event()], STREAM_EXISTS), STREAM_EXISTS, NO_STREAM)
    await refused(append([event()], 0n), 0n, NO_STREAM)
    await append(events(3), NO_STREAM)
    await refused(append([event()], NO_STREAM), NO_STREAM, 2n)
    await refused(append([event()], 1n), 1n, 2n)
    await refused(append([event()], 7n), 7n, 2n)
  })

  it('returns the first result for a repeated append', async ({ client, prefix, append }) => {
    const first = events(3)
    const answer = await append(first, NO_STREAM)
    assert.deepEqual(await append(first, NO_STREAM), answer)
    await append(events(2), 2n)
    assert.deepEqual(await append(first, NO_STREAM), answer)
    assert.deepEqual(await append(first, ANY), answer)
    assert.deepEqual(
      await append(
        first.map(({ id }) => event({ other: true }, id)),
        NO_STREAM,
      ),
      answer,
    )
    assert.equal((await all(client.readStream(`${prefix}a`))).length, 5)
  })

  it('drops a repetition of an uncommitted append and reports it late', async ({ client, prefix, append }) => {
    const twice = events(2)
    const answers = await Promise.allSettled([append(twice, NO_STREAM), append(twice, NO_STREAM)])
    const refusals = answers.flatMap(answer => (answer.status === 'rejected' ? [answer.reason] : []))
    // A server that commits faster than the second arrives answers both.
    assert.ok(refusals.length < 2)
    assert.ok(refusals.every(reason => reason instanceof DeadlineExceededError))
    assert.equal((await all(client.readStream(`${prefix}a`))).length, 2)
    assert.equal((await append(twice, NO_STREAM)).nextExpectedRevision, 1n)
  })

  it('rejects stored events together with new ones', async ({ append }) => {
    const first = events(2)
    await append(first, NO_STREAM)
    await assert.rejects(append([...first, event()], NO_STREAM), WrongExpectedVersionError)
    await assert.rejects(append([...first, event()], ANY), WrongExpectedVersionError)
  })

  it('writes a stored event again at the current revision', async ({ append }) => {
    const [again] = events(1)
    await append([again!], NO_STREAM)
    assert.equal((await append([again!], 0n)).nextExpectedRevision, 1n)
  })

  it('accepts an append without events and checks its revision', async ({ client, prefix, append }) => {
    assert.equal((await append([], NO_STREAM)).success, true)
    await append(events(2), NO_STREAM)
    assert.equal((await append([], 1n)).success, true)
    await assert.rejects(append([], 0n), WrongExpectedVersionError)
    assert.equal((await all(client.readStream(`${prefix}a`))).length, 2)
  })

  it('limits the data of all events of an append together', async ({ append }) => {
    const padding = JSON.stringify({ text: '' }).length
    const ofSize = (bytes: number) => event({ text: 'x'.repeat(bytes - padding) })
    const tooLarge = (error: unknown) =>
      error instanceof MaxAppendSizeExceededError && error.maxAppendSize === MAX_APPEND_SIZE
    await assert.rejects(append([ofSize(MAX_APPEND_SIZE + 1)], ANY), tooLarge)
    await assert.rejects(append([ofSize(MAX_APPEND_SIZE / 2), ofSize(MAX_APPEND_SIZE / 2 + 1)], ANY), tooLarge)
    await append([ofSize(MAX_APPEND_SIZE)], ANY)
    await append([ofSize(MAX_APPEND_SIZE / 2), ofSize(MAX_APPEND_SIZE / 2)], ANY)
  })

  it('ends the call at 17 MB', async ({ append }) => {
    const huge = event({ text: 'x'.repeat(17 << 20) })
    await assert.rejects(
      append([huge], ANY),
      error => error instanceof UnknownError && /8 RESOURCE_EXHAUSTED/.test(error.message),
    )
  })

  it('returns an unknown error for invalid appends', async ({ client, prefix, append }) => {
    const unrecognized = (error: unknown) =>
      error instanceof UnknownError && error.message === 'Could not recognize BadRequest'
    await assert.rejects(append([event({}, 'listener-17')], ANY), unrecognized)
    await assert.rejects(append([event({}, '00000000-0000-0000-0000-000000000000')], ANY), unrecognized)
    await assert.rejects(append([{ ...event(), type: '' }], ANY), unrecognized)
    await assert.rejects(client.appendToStream('', [event()]), unrecognized)
    assert.equal((await client.appendToStream(`${prefix}b`, [event()])).success, true)
  })

  it('returns a wrong revision if failures are not thrown', async ({ server, prefix, append }) => {
    await append(events(5), NO_STREAM)
    const lenient = EventStoreDBClient.connectionString(`${server.connectionString}&throwOnAppendFailure=false`)
    const { success, nextExpectedRevision } = await lenient.appendToStream(`${prefix}a`, [event()], {
      expectedRevision: NO_STREAM,
    })
    await lenient.dispose()
    assert.equal(success, false)
    assert.notEqual(nextExpectedRevision, 4n)
  })
}

const reading = (it: Declare): void => {
  it('rejects for a missing stream and returns nothing past the end of another', async ({ client, prefix, append }) => {
    await append(events(3), NO_STREAM)
    await assert.rejects(all(client.readStream(`${prefix}none`)), StreamNotFoundError)
    assert.deepEqual(await all(client.readStream(`${prefix}a`, { fromRevision: 3n })), [])
  })

  it('returns events as appended, with a time', async ({ client, prefix, append }) => {
    const appended = event({ text: 'grüße' })
    await append([appended], NO_STREAM)
    const [read] = await all(client.readStream(`${prefix}a`))
    const { created, position, ...recorded } = read!.event!
    assert.deepEqual(recorded, {
      streamId: `${prefix}a`,
      id: appended.id,
      revision: 0n,
      type: 'Noted',
      data: { text: 'grüße' },
      metadata: { actor: 'alice' },
      isJson: true,
    })
    assert.ok(created instanceof Date && typeof position?.commit === 'bigint')
  })

  it('hides a deleted stream and continues its revisions', async ({ client, prefix, append }) => {
    await append(events(3), NO_STREAM)
    await client.deleteStream(`${prefix}a`)
    await assert.rejects(all(client.readStream(`${prefix}a`)), StreamNotFoundError)
    assert.equal((await append([event()], NO_STREAM)).nextExpectedRevision, 3n)
    assert.deepEqual(
      (await all(client.readStream(`${prefix}a`))).map(({ event }) => event?.revision),
      [3n],
    )
  })

  it('hides events by stream metadata, which is a stream itself', async ({ client, prefix, append }) => {
    const stream = `${prefix}a`
    await append(events(3), NO_STREAM)
    const read = async (options: Parameters<typeof client.readStream>[1] = {}) =>
      (await all(client.readStream(stream, options))).map(({ event }) => Number(event?.revision))
    await client.setStreamMetadata(stream, { maxCount: 1 })
    assert.deepEqual(await read(), [2])
    assert.deepEqual(await read({ fromRevision: 1n, maxCount: 1 }), [2])
    assert.deepEqual(await read({ direction: BACKWARDS, fromRevision: 1n }), [])
    // There, and with nothing to read: other than one that was deleted.
    await client.setStreamMetadata(stream, { truncateBefore: 10 })
    assert.deepEqual(await read(), [])
    assert.deepEqual(await read({ direction: BACKWARDS, fromRevision: END }), [])
    await assert.rejects(append([event()], NO_STREAM), WrongExpectedVersionError)
    await client.setStreamMetadata(`${prefix}none`, { maxCount: 1 })
    await assert.rejects(all(client.readStream(`${prefix}none`)), StreamNotFoundError)
    await client.deleteStream(stream)
    await assert.rejects(all(client.readStream(stream)), StreamNotFoundError)
    const [metadata] = await all(
      client.readStream(`$$${stream}`, { direction: BACKWARDS, fromRevision: END, maxCount: 1 }),
    )
    assert.deepEqual(metadata?.event?.data, { $tb: Number(2n ** 63n - 1n) })
  })

  it('ends a tombstoned stream for good', async ({ client, prefix, append }) => {
    await append(events(3), NO_STREAM)
    await client.tombstoneStream(`${prefix}a`)
    await assert.rejects(all(client.readStream(`${prefix}a`)), StreamDeletedError)
    await assert.rejects(append([event()], ANY), StreamDeletedError)
  })

  it('includes system streams, filtered or not', async ({ client, prefix, append }) => {
    await append(events(1), NO_STREAM)
    await client.deleteStream(`${prefix}a`)
    const filter = streamNameFilter({ prefixes: [prefix] })
    const read = await all(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 10, ...{ filter } }))
    assert.ok(read.some(({ event }) => event?.streamId.startsWith('$')))
  })

  it('reads forward from a position inclusive and backward exclusive', async ({ client, prefix, append }) => {
    await append(events(3), NO_STREAM)
    const written = (await all(client.readStream(`${prefix}a`))).map(({ event }) => event!)
    const fromPosition = written[1]!.position!
    const [forward] = await all(client.readAll({ fromPosition, maxCount: 1 }))
    const [backward] = await all(client.readAll({ fromPosition, maxCount: 1, direction: BACKWARDS }))
    assert.equal(forward?.event?.id, written[1]?.id)
    assert.equal(backward?.event?.id, written[0]?.id)
  })
}

const subscribing = (it: Declare): void => {
  it('begins after a position, filters, and reports when it has caught up', async ({ client, prefix, append }) => {
    const { position: fromPosition } = await append(events(2), NO_STREAM)
    await append(events(2), 1n)
    await client.appendToStream(`other.${prefix}`, events(2))
    await client.appendToStream(`${prefix}b`, events(1))
    const subscription = client.subscribeToAll({
      fromPosition: fromPosition!,
      filter: streamNameFilter({ prefixes: [prefix] }),
    })
    const received: string[] = []
    const caughtUp = new Promise<void>(resolve => subscription.once('caughtUp', resolve))
    subscription.on('confirmation', () => received.push('confirmation'))
    subscription.on('data', ({ event }) => received.push(`${event?.streamId.slice(prefix.length)}@${event?.revision}`))
    await caughtUp
    while (received.length < 4) await new Promise(resolve => subscription.once('data', resolve))
    assert.deepEqual(received, ['confirmation', 'a@2', 'a@3', 'b@0'])
    await subscription.unsubscribe()
  })

  it('reports how far it searched if nothing matches', async ({ client, prefix, append }) => {
    const { position: fromPosition } = await append(events(1), NO_STREAM)
    const reached = Promise.withResolvers<bigint>()
    const filter = streamNameFilter({
      prefixes: [`${prefix}none`],
      maxSearchWindow: 10,
      checkpointInterval: 1,
      checkpointReached: (_, { commit }) => reached.resolve(commit),
    })
    const subscription = client.subscribeToAll({ fromPosition: fromPosition!, filter })
    subscription.on('data', () => reached.reject(new Error('nothing matches')))
    await new Promise<void>(resolve => subscription.once('caughtUp', resolve))
    const { position } = await append(events(30), 0n)
    const searched = await reached.promise
    assert.ok(searched > fromPosition!.commit && searched <= position!.commit)
    await subscription.unsubscribe()
  })
}

const goingAway = (it: Declare): void => {
  it('fails immediately if nothing listens', async ({ server, append }) => {
    await server.kill()
    await assert.rejects(append([event()], ANY), /14 UNAVAILABLE/)
  })

  it('fails pending calls and subscriptions when killed', async ({ client, server, append }) => {
    await append([event()], ANY)
    const subscription = client.subscribeToAll()
    const broken = new Promise<Error>(resolve => subscription.once('error', resolve))
    await new Promise(resolve => subscription.once('data', resolve))
    subscription.resume()
    server.freeze()
    const appending = append([event()], ANY)
    setImmediate(() => server.kill())
    await assert.rejects(appending, UnavailableError)
    assert.ok((await broken) instanceof UnavailableError)
  })

  it('is silent while frozen until pings time out', async ({ server, prefix }) => {
    const pinging = `${server.connectionString}&keepAliveInterval=200&keepAliveTimeout=200`
    const client = EventStoreDBClient.connectionString(pinging)
    await client.appendToStream(`${prefix}a`, [event()])
    server.freeze()
    await assert.rejects(client.appendToStream(`${prefix}a`, [event()]), /14 UNAVAILABLE: Connection dropped/)
    await server.kill()
    await client.dispose()
  })
}
