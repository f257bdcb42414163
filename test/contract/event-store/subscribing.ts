import assert from 'node:assert/strict'
import { NO_STREAM } from '../../../src/event-store/event-store.ts'
import { all, event, events, idsOf, upTo } from './events.ts'
import { Follower } from './follower.ts'
import type { Declare } from './harness.ts'

export const subscribing = (it: Declare): void => {
  it('delivers a live batch if there are no events', async ({ store, prefix, start }) => {
    await using follower = new Follower(store, prefix, start)
    await follower.untilLive()
    assert.deepEqual(follower.events, [])
  })

  it('catches up and then delivers live events', async ({ store, prefix, start }) => {
    const first = events(300)
    await store.append(`${prefix}a`, NO_STREAM, first)
    await using follower = new Follower(store, prefix, start)
    await follower.untilLive()
    assert.deepEqual(idsOf(follower.events), idsOf(first))
    const second = events(3)
    const { position } = await store.append(`${prefix}b`, NO_STREAM, second)
    await follower.until(() => follower.last!.live && follower.last!.position >= position)
    assert.deepEqual(idsOf(follower.events), idsOf([...first, ...second]))
  })

  it('begins after the given position', async ({ store, prefix }) => {
    const { position } = await store.append(`${prefix}a`, NO_STREAM, events(5))
    const later = events(5)
    await store.append(`${prefix}b`, NO_STREAM, later)
    await using follower = new Follower(store, prefix, position)
    await follower.untilLive()
    assert.deepEqual(idsOf(follower.events), idsOf(later))
  })

  it('resumes from the position of any batch', async ({ store, prefix, start }) => {
    for (const n of upTo(40)) await store.append(`${prefix}${n % 4}`, Math.floor(n / 4) - 1, [event()])
    await using follower = new Follower(store, prefix, start)
    await follower.untilLive()
    const [written, positions] = [follower.events, follower.batches.map(({ position }) => position)]
    for (const position of [...new Set([...positions, ...written.map(({ position }) => position)])]) {
      await using other = new Follower(store, prefix, position)
      await other.untilLive()
      assert.deepEqual(idsOf(other.events), idsOf(written.filter(event => event.position > position)))
    }
  })

  it('skips other streams and reports its position', async ({ store, prefix }) => {
    const { position: first } = await store.append(`${prefix}other`, NO_STREAM, [event()])
    await using follower = new Follower(store, `${prefix}listener-`, first)
    await follower.untilLive()
    let last = first
    for (let revision = 0; follower.last!.position <= first; revision += 50) {
      last = (await store.append(`${prefix}other`, revision, events(50))).position
    }
    assert.deepEqual(follower.events, [])
    const { position: searched } = follower.last!
    assert.ok(searched <= last)
    const matching = event()
    await store.append(`${prefix}listener-a`, NO_STREAM, [matching])
    await using resumed = new Follower(store, `${prefix}listener-`, searched)
    await Promise.all([follower.untilEvents(1), resumed.untilEvents(1)])
    assert.deepEqual(idsOf(follower.events), [matching.id])
    assert.deepEqual(idsOf(resumed.events), [matching.id])
  })

  it('delivers rare events wherever it resumes', async ({ store, prefix, start }) => {
    for (const n of upTo(8)) {
      await store.append(`${prefix}other`, n * 450 - 1, events(450))
      await store.append(`${prefix}listener-a`, n - 1, [event()])
    }
    await using follower = new Follower(store, `${prefix}listener-`, start)
    await follower.untilLive()
    const written = await all(store.readStream(`${prefix}listener-a`))
    assert.deepEqual(follower.events, written)
    for (const position of new Set(follower.batches.map(({ position }) => position))) {
      await using resumed = new Follower(store, `${prefix}listener-`, position)
      await resumed.untilLive()
      const later = written.filter(event => event.position > position)
      assert.deepEqual(resumed.events, later)
    }
  })

  it('delivers each event once and in order during appends', async ({ store, prefix, start }) => {
    const writers = upTo(8)
    let stop = false
    const writing = writers.map(async writer => {
      let revision = NO_STREAM
      while (!stop) {
        await store.append(`${prefix}${writer}`, revision, events(1 + (writer % 3)))
        revision += 1 + (writer % 3)
      }
      return revision + 1
    })
    await using early = new Follower(store, prefix, start)
    await early.untilEvents(200)
    await using late = new Follower(store, prefix, start)
    await late.untilLive()
    await late.untilEvents(early.events.length + 200)
    stop = true
    const written = (await Promise.all(writing)).reduce((sum, count) => sum + count)
    await Promise.all([early.untilEvents(written), late.untilEvents(written)])
    const log = await all(store.readAll({ prefixes: [prefix] }))
    assert.equal(log.length, written)
    assert.deepEqual(early.events, log)
    assert.deepEqual(late.events, log)
  })

  it('delivers to many subscribers', async ({ store, prefix, start }) => {
    await using stack = new AsyncDisposableStack()
    const followers = upTo(50).map(n => stack.use(new Follower(store, n % 2 ? prefix : `${prefix}a`, start)))
    await store.append(`${prefix}a`, NO_STREAM, events(10))
    await store.append(`${prefix}b`, NO_STREAM, events(10))
    await Promise.all(followers.map((follower, n) => follower.untilEvents(n % 2 ? 20 : 10)))
    for (const [n, { events }] of followers.entries()) assert.equal(events.length, n % 2 ? 20 : 10)
  })

  it('delivers everything to a slow consumer', async ({ store, prefix, start }) => {
    const gate = Promise.withResolvers<void>()
    await using follower = new Follower(store, prefix, start, () => gate.promise)
    await follower.until(() => follower.batches.length > 0)
    for (const n of upTo(25)) await store.append(`${prefix}a`, n * 100 - 1, events(100))
    assert.ok(follower.batches.length <= 2, 'nothing more is delivered until the batch is handled')
    gate.resolve()
    await follower.untilEvents(2_500)
    assert.deepEqual(follower.events, await all(store.readStream(`${prefix}a`)))
    await follower.untilLive()
  })

  it('splits a long burst into several batches', async ({ store, prefix, start }) => {
    for (const n of upTo(3)) await store.append(`${prefix}a`, n * 1_000 - 1, events(1_000))
    await using follower = new Follower(store, prefix, start)
    await follower.untilEvents(3_000)
    for (const { events } of follower.batches) assert.ok(events.length <= 1_000)
  })

  it('ends without an error when the signal aborts', async ({ store, prefix, start }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(1_000))
    for (const stopAt of [0, 1, 500]) {
      const abort = new AbortController()
      let seen = 0
      if (stopAt === 0) abort.abort()
      for await (const batch of store.subscribe({ after: start, prefixes: [prefix], signal: abort.signal })) {
        assert.ok(!abort.signal.aborted, 'nothing comes after the signal')
        seen += batch.events.length
        if (seen >= stopAt) abort.abort()
      }
    }
    const abort = new AbortController()
    for await (const { live } of store.subscribe({ after: start, prefixes: [prefix], signal: abort.signal })) {
      if (live) setImmediate(() => abort.abort())
    }
  })

  it('ends when its consumer stops iterating', async ({ store, prefix, start }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(100))
    for await (const batch of store.subscribe({
      after: start,
      prefixes: [prefix],
      signal: new AbortController().signal,
    })) {
      if (batch.events.length > 0) break
    }
    await store.append(`${prefix}a`, 99, [event()])
  })
}
