import assert from 'node:assert/strict'
import { NO_STREAM, StoreUnavailable } from '../../../src/event-store/event-store.ts'
import { inTime } from '../../support/eventually.ts'
import { all, event, events, eventually, idsOf, upTo } from './events.ts'
import { Follower } from './follower.ts'
import type { Declare, Scene, ServerControls } from './harness.ts'

/** How much longer than its timeout a call may take on a busy machine. */
const GRACE_MS = 5_000

/** Declares tests for stores that talk to a server. */
export const outages = (declare: Declare): void => {
  const it = (name: string, body: (scene: Scene & { server: ServerControls }) => Promise<void>) =>
    declare(name, scene => body({ ...scene, server: scene.harness.server! }))

  for (const [away, goAway, comeBack] of [
    ['killed', (server: ServerControls) => server.kill(), (server: ServerControls) => server.start()],
    ['frozen', async (server: ServerControls) => server.freeze(), async (server: ServerControls) => server.unfreeze()],
  ] as const) {
    it(`rejects in time while the server is ${away} and succeeds once it is back`, async ({
      server,
      store,
      prefix,
    }) => {
      await store.append(`${prefix}a`, NO_STREAM, events(2))
      await goAway(server)
      const appended = events(2)
      const calls = [
        store.append(`${prefix}a`, 1, appended),
        all(store.readStream(`${prefix}a`)),
        all(store.readAll({ prefixes: [prefix] })),
        all(store.readAll({ prefixes: [prefix], direction: 'backward' })),
        store.ping(),
      ]
      const rejected = Promise.all(calls.map(call => assert.rejects(call, StoreUnavailable)))
      await inTime(server.timeoutMs + GRACE_MS, rejected)
      await comeBack(server)
      await eventually(() => store.append(`${prefix}a`, 1, appended))
      assert.equal((await all(store.readStream(`${prefix}a`))).length, 4)
      assert.equal((await all(store.readAll({ prefixes: [prefix] }))).length, 4)
    })

    it(`closes while the server is ${away}`, async ({ server, store, prefix, start }) => {
      const follower = new Follower(store, prefix, start)
      await follower.untilLive()
      await goAway(server)
      const appending = store.append(`${prefix}a`, NO_STREAM, [event()])
      await Promise.all([assert.rejects(appending, StoreUnavailable), store.close(), follower.ended()])
      await comeBack(server)
    })
  }

  it('completes calls after an outage that is shorter than the timeout', async ({ server, store, prefix }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(2))
    await server.kill()
    const calls = Promise.all([
      store.append(`${prefix}a`, 1, events(2)),
      store.append(`${prefix}b`, NO_STREAM, events(2)),
      all(store.readStream(`${prefix}a`)),
      store.ping(),
    ])
    await server.start()
    await calls
    assert.equal((await all(store.readAll({ prefixes: [prefix] }))).length, 6)
  })

  it('appends once if the response is lost', async ({ server, store, prefix }) => {
    await store.append(`${prefix}a`, NO_STREAM, [event()])
    server.loseNextAnswer()
    const appended = events(2)
    const answer = await store.append(`${prefix}a`, 0, appended)
    assert.equal(answer.revision, 2)
    assert.deepEqual(idsOf((await all(store.readStream(`${prefix}a`))).slice(1)), idsOf(appended))
    assert.deepEqual(await store.append(`${prefix}a`, 0, appended), answer)
  })

  it('writes every append once while connections break under load', async ({ server, store, prefix, start }) => {
    let breaking = true
    const writers = upTo(20).map(async n => {
      let revision = NO_STREAM
      for (let round = 0; round < 10 || breaking; round++) {
        revision = (await store.append(`${prefix}${n}`, revision, events(2))).revision
      }
      return revision + 1
    })
    const writing = Promise.all(writers)
    await using follower = new Follower(store, prefix, start)
    try {
      for (const cut of upTo(5)) {
        await Promise.race([follower.untilEvents((cut + 1) * 50), writing])
        server.cutConnections()
      }
    } finally {
      breaking = false
    }
    const written = (await writing).reduce((sum, count) => sum + count)
    await follower.untilEvents(written)
    assert.deepEqual(follower.events, await all(store.readAll({ prefixes: [prefix] })))
    assert.equal(follower.events.length, written)
  })

  it('resumes a subscription without gaps or duplicates when the server is back', async scene => {
    const { server, store, prefix, start } = scene
    await store.append(`${prefix}a`, NO_STREAM, events(20))
    await using follower = new Follower(store, prefix, start)
    await follower.untilLive()
    for (const round of upTo(3)) {
      const batches = follower.batches.length
      await server.kill()
      await follower.until(() => follower.last?.live === false)
      assert.deepEqual(follower.last?.events, [])
      await server.start()
      await eventually(() => store.append(`${prefix}b`, round * 10 - 1, events(10)))
      await follower.untilEvents(20 + (round + 1) * 10)
      await follower.untilLive()
      assert.equal(follower.batches.slice(batches).filter(({ events, live }) => !live && events.length === 0).length, 1)
    }
    assert.deepEqual(follower.events, await all(store.readAll({ prefixes: [prefix] })))
  })

  it('detects a frozen server and resumes when it responds', async ({ server, store, prefix, start }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(3))
    await using follower = new Follower(store, prefix, start)
    await follower.untilLive()
    server.freeze()
    await follower.until(() => follower.last?.live === false)
    server.unfreeze()
    await eventually(() => store.append(`${prefix}a`, 2, events(3)))
    await follower.untilEvents(6)
    assert.equal(follower.events.length, 6)
  })

  it('starts a subscription without a server and delivers once it is up', async ({ server, store, prefix, start }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(3))
    await server.kill()
    await using follower = new Follower(store, prefix, start)
    await follower.until(() => follower.batches.length > 0)
    assert.deepEqual(follower.last, { events: [], position: start, live: false })
    await server.start()
    await follower.untilLive()
    assert.equal(follower.events.length, 3)
  })

  it('resumes a read where the connection broke', async ({ server, store, prefix }) => {
    for (const n of upTo(3)) await store.append(`${prefix}a`, n * 500 - 1, events(500))
    for (const reading of [
      () => store.readStream(`${prefix}a`),
      () => store.readStream(`${prefix}a`, { direction: 'backward', limit: 1_400 }),
      () => store.readAll({ prefixes: [prefix] }),
      () => store.readAll({ prefixes: [prefix], direction: 'backward' }),
    ]) {
      const unbroken = await all(reading())
      const broken: typeof unbroken = []
      for await (const event of reading()) {
        broken.push(event)
        if (broken.length % 500 === 250) server.cutConnections()
      }
      assert.deepEqual(idsOf(broken), idsOf(unbroken))
    }
  })
}
