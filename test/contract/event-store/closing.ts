import assert from 'node:assert/strict'
import { NO_STREAM, StoreUnavailable } from '../../../src/event-store/event-store.ts'
import { all, event, events, upTo } from './events.ts'
import { Follower } from './follower.ts'
import type { Declare } from './harness.ts'

export const closing = (it: Declare): void => {
  it('responds to a ping', async ({ store }) => {
    await store.ping()
  })

  it('rejects every call after closing and can be closed twice', async ({ store, prefix, start }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(3))
    await Promise.all([store.close(), store.close()])
    await store.close()
    await assert.rejects(store.append(`${prefix}a`, 2, [event()]), StoreUnavailable)
    await assert.rejects(store.ping(), StoreUnavailable)
    await assert.rejects(all(store.readStream(`${prefix}a`)), StoreUnavailable)
    await assert.rejects(all(store.readAll()), StoreUnavailable)
    await assert.rejects(new Follower(store, prefix, start).ended(), StoreUnavailable)
  })

  it('ends subscriptions', async ({ store, prefix, start }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(3))
    const followers = upTo(5).map(() => new Follower(store, prefix, start))
    await Promise.all(followers.map(follower => follower.untilLive()))
    await store.close()
    await Promise.all(followers.map(follower => follower.ended()))
  })

  it('keeps acknowledged appends and fails the others when closed while busy', async ({
    harness,
    store,
    prefix,
    start,
  }) => {
    await store.append(`${prefix}read`, NO_STREAM, events(3_000))
    const reading = Promise.allSettled([
      all(store.readStream(`${prefix}read`)),
      all(store.readAll({ prefixes: [`${prefix}read`] })),
    ])
    const subscribed = new Follower(store, prefix, start)
    const appends = upTo(200).map(n => store.append(`${prefix}${n}`, NO_STREAM, [event()]))
    const outcomes = Promise.allSettled(appends)
    await appends[0]
    await store.close()
    await subscribed.ended()
    for (const read of await reading) {
      if (read.status === 'fulfilled') assert.equal(read.value.length, 3_000)
      else assert.ok(read.reason instanceof StoreUnavailable)
    }
    const reopened = await harness.reopen()
    for (const [n, outcome] of (await outcomes).entries()) {
      if (outcome.status === 'fulfilled') assert.equal((await all(reopened.readStream(`${prefix}${n}`))).length, 1)
      else assert.ok(outcome.reason instanceof StoreUnavailable)
    }
  })

  it('returns the same events after it is reopened', async ({ harness, store, prefix }) => {
    await store.append(`${prefix}a`, NO_STREAM, events(10))
    await store.append(`${prefix}b`, NO_STREAM, events(10))
    const before = await all(store.readAll({ prefixes: [prefix] }))
    const reopened = await harness.reopen()
    assert.deepEqual(await all(reopened.readAll({ prefixes: [prefix] })), before)
    const { position } = await reopened.append(`${prefix}a`, 9, [event()])
    assert.ok(position > before.at(-1)!.position)
  })
}
