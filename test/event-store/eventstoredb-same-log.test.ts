import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BEGINNING } from '../../schemas/events/recorded-event.ts'
import { AnotherLog, type EventStore, NO_STREAM, StoreUnavailable } from '../../src/event-store/event-store.ts'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { all, event, events, eventually, idsOf, revisionsOf } from '../contract/event-store/events.ts'
import { Follower } from '../contract/event-store/follower.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'

const STREAM = 'listener-west.a'
const OTHER = 'listener-west.b'
const A_MINUTE_MS = 60_000
const NEVER = new AbortController().signal

/** A server with a log, a store whose clock the test moves, and the errors of lost connections. */
const open = async (stack: AsyncDisposableStack) => {
  const server = stack.use(await new FakeEventStoreDb().start())
  const losses = new Losses()
  let now = 0
  const openStore = (timeoutMs: number): EventStore => {
    const { connectionString } = server
    const store = openEventStoreDb({ connectionString, timeoutMs, now: () => now, onLoss: losses.add })
    stack.defer(() => store.close())
    return store
  }
  const store = openStore(2_000)
  const { position: before } = await store.append(OTHER, NO_STREAM, events(2))
  const { position: end } = await store.append(STREAM, NO_STREAM, events(5))
  const pass = (ms: number) => {
    now += ms
  }
  return { server, store, openStore, losses, before, end, pass }
}

/** The errors of lost connections. */
class Losses {
  readonly #messages: string[] = []
  #added = Promise.withResolvers<void>()

  readonly add = (error: unknown): void => {
    this.#messages.push(String(error))
    this.#added.resolve()
    this.#added = Promise.withResolvers()
  }

  /** Resolves after `count` more matching messages. */
  async more(kind: RegExp, count: number): Promise<void> {
    const { length } = this.#messages
    while (this.#messages.slice(length).filter(message => kind.test(message)).length < count) await this.#added.promise
  }
}

const LAG = /lags behind/

describe('EventStoreDB event store on a lagging node', () => {
  it('resumes a subscription without duplicates once the node leads', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store, losses, before, pass } = await open(stack)
    await using follower = new Follower(store, 'listener-', BEGINNING)
    await follower.untilEvents(7)
    await follower.untilLive()
    server.setPreLeader(before)
    server.cutConnections()
    await losses.more(LAG, 2)
    pass(A_MINUTE_MS - 1)
    await losses.more(LAG, 1)
    assert.equal(follower.last?.live, false)
    server.setPreLeader(undefined)
    await follower.untilLive()
    await store.append(STREAM, 4, [event()])
    await follower.untilEvents(8)
    assert.deepEqual(idsOf(follower.events), idsOf(await all(store.readAll({ prefixes: ['listener-'] }))))
  })

  it('waits another minute after each outage', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store, losses, before, pass } = await open(stack)
    await using follower = new Follower(store, 'listener-', BEGINNING)
    await follower.untilLive()
    server.setPreLeader(before)
    server.cutConnections()
    await losses.more(LAG, 1)
    server.kill()
    await losses.more(/UNAVAILABLE|ECONN/, 1)
    pass(A_MINUTE_MS)
    await server.start()
    await losses.more(LAG, 2)
    server.setPreLeader(undefined)
    await follower.untilLive()
  })

  it('throws AnotherLog after a minute', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store, losses, before, pass } = await open(stack)
    const follower = new Follower(store, 'listener-', BEGINNING)
    await follower.untilEvents(7)
    server.kill()
    server.log.putBack(before)
    await server.start()
    await losses.more(LAG, 1)
    pass(A_MINUTE_MS)
    await assert.rejects(follower.ended(), (error: unknown) => {
      assert.ok(error instanceof AnotherLog, String(error))
      assert.match(error.message, /the log was read up to \w{16}, and ends at \w{16}: it is another log, or an older/)
      assert.equal(error.location.position, before)
      return true
    })
  })

  it('does not end the log before the position that a subscription resumes from', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store, losses, before, end, pass } = await open(stack)
    server.setPreLeader(before)
    const follower = new Follower(store, 'listener-', end)
    await losses.more(LAG, 1)
    pass(A_MINUTE_MS)
    await assert.rejects(follower.ended(), AnotherLog)
    await using other = new Follower(store, 'listener-', end)
    await losses.more(LAG, 1)
    server.setPreLeader(undefined)
    await other.untilLive()
  })

  it('holds › waits a minute before it returns false', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, openStore, losses, before, pass } = await open(stack)
    const [last] = await all(openStore(2_000).readStream(STREAM, { direction: 'backward', limit: 1 }))
    assert.ok(last)
    const store = openStore(2_000)
    server.setPreLeader(before)
    const isThere = store.holds(last, NEVER)
    await losses.more(LAG, 2)
    server.setPreLeader(undefined)
    assert.equal(await isThere, true)
    assert.equal(await store.holds({ ...last, id: crypto.randomUUID() }, NEVER), false)
    server.log.putBack(before)
    const another = openStore(2_000)
    const isStillThere = another.holds(last, NEVER)
    await losses.more(LAG, 1)
    pass(A_MINUTE_MS)
    assert.equal(await isStillThere, false)
    const given = new AbortController()
    const asked = openStore(2_000).holds(last, given.signal)
    given.abort()
    await assert.rejects(asked, StoreUnavailable)
  })

  it('rejects reads that end before known events', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, openStore, before } = await open(stack)
    const store = openStore(200)
    await assert.rejects(store.append(STREAM, 3, [event()]), { name: 'WrongExpectedRevision' })
    await store.append('listener-west.c', NO_STREAM, [event()])
    server.setPreLeader(before)
    for (const reading of [
      () => store.readStream(STREAM),
      () => store.readStream(STREAM, { direction: 'backward', limit: 1 }),
      () => store.readStream(STREAM, { from: 4, limit: 1 }),
      () => store.readStream('listener-west.c'),
      () => store.readStream('listener-west.c', { direction: 'backward', limit: 1 }),
      () => store.readAll(),
      () => store.readAll({ direction: 'backward', limit: 1 }),
    ])
      await assert.rejects(all(reading()), StoreUnavailable, reading.toString())
    await assert.rejects(store.ping(), StoreUnavailable)
    assert.deepEqual(revisionsOf(await all(store.readStream(OTHER))), [0, 1])
    const reading = all(openStore(5_000).readStream(STREAM))
    server.setPreLeader(undefined)
    assert.equal((await all(store.readStream(STREAM))).length, 5)
    assert.equal((await all(store.readAll())).length, 8)
    await reading
  })
})

/** As another engine appends it, of so many bytes. */
const appended = (bytes: number) => ({
  id: crypto.randomUUID(),
  type: 'ListenerCreated',
  contentType: 'application/json',
  data: Buffer.from('{}'.padEnd(bytes).slice(0, bytes)),
  metadata: Buffer.from('{}'),
})

describe('EventStoreDB event store restored from a backup', () => {
  const putBack = async (stack: AsyncDisposableStack, write: (scene: Awaited<ReturnType<typeof open>>) => void) => {
    const scene = await open(stack)
    const { server, store, before } = scene
    const follower = new Follower(store, 'listener-', BEGINNING)
    await follower.untilEvents(7)
    await follower.untilLive()
    server.kill()
    server.log.putBack(before)
    write(scene)
    await server.start()
    return { ...scene, follower }
  }
  it('throws AnotherLog if another event has the last position', async () => {
    await using stack = new AsyncDisposableStack()
    const { follower } = await putBack(stack, ({ server, before, end }) => {
      assert.equal(server.log.records.at(-1)?.position, before)
      // Of a size with which the next event has the position of the last one read.
      const { end: start } = server.log
      server.log.append('listener-east.x', 'any', [appended(1)])
      const overhead = server.log.end - start - 1
      server.log.putBack(before)
      server.log.append('listener-east.x', 'any', [appended(end - start - overhead)])
      server.log.append('listener-east.x', 'any', [appended(50)])
    })
    await assert.rejects(follower.ended(), (error: unknown) => {
      assert.ok(error instanceof AnotherLog, String(error))
      assert.match(error.message, /and another event is there: it is another log/)
      return true
    })
  })

  it('throws AnotherLog if no event begins at the last position', async () => {
    await using stack = new AsyncDisposableStack()
    const { follower, losses, pass } = await putBack(stack, ({ server, end }) => {
      while ((server.log.records.at(-1)?.position ?? 0) <= end)
        server.log.append('listener-east.x', 'any', [appended(100)])
    })
    await losses.more(LAG, 1)
    pass(A_MINUTE_MS)
    await assert.rejects(follower.ended(), /and no event begins there: it is another log/)
  })
})

describe('EventStoreDB event store after a search without matches', () => {
  it('searches again after a lost connection and throws AnotherLog if there is an event now', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, store, end } = await open(stack)
    const follower = new Follower(store, 'listener-', BEGINNING)
    await follower.untilEvents(7)
    server.log.writeSystemEvents(2_500)
    await follower.until(() => (follower.last?.position ?? 0) > end)
    server.cutConnections()
    const { position } = await eventually(() => store.append(STREAM, 4, [event()]))
    await follower.until(() => (follower.last?.position ?? 0) >= position)
    assert.equal(follower.events.length, 8)
    server.log.writeSystemEvents(2_500)
    await follower.until(() => (follower.last?.position ?? 0) > position)
    server.kill()
    server.log.putBack(position)
    server.log.append('listener-east.x', 'any', [appended(2)])
    await server.start()
    await assert.rejects(follower.ended(), /there was no event here when the log was read: it is another log/)
  })
})
