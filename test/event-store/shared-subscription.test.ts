import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BEGINNING, type Position } from '../../schemas/events/recorded-event.ts'
import {
  type EventStore,
  NO_STREAM,
  StoreUnavailable,
  type SubscribeOptions,
} from '../../src/event-store/event-store.ts'
import { withSharedSubscription } from '../../src/event-store/shared-subscription.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { all, event, events, idsOf } from '../contract/event-store/events.ts'
import { Follower } from '../contract/event-store/follower.ts'
import { FaultyStore } from '../fakes/faulty-store.ts'
import { eventually } from '../support/eventually.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** A log with events, a store with shared reading, and the subscriptions made to the log. */
const open = async (stack: AsyncDisposableStack, count: number) => {
  const folder = stack.use(await scratchFolder())
  const file = openSqliteEventStore({ file: `${folder.path}/events.db` })
  stack.defer(() => file.close())
  for (let from = 0; from < count; from += 1000) await file.append('listener-a', from - 1, events(1000))
  const subscriptions: SubscribeOptions[] = []
  const troubled = new FaultyStore(file)
  const subscribe = troubled.subscribe.bind(troubled)
  troubled.subscribe = options => {
    subscriptions.push(options)
    return subscribe(options)
  }
  const store: EventStore = withSharedSubscription(troubled, ['listener-', 'audit-'])
  return { store, troubled, file, subscriptions }
}

const placesOf = (subscriptions: readonly SubscribeOptions[]): Position[] => subscriptions.map(({ after }) => after)

describe('withSharedSubscription', () => {
  it('reads the log once for subscribers that start together or a moment apart', async () => {
    await using stack = new AsyncDisposableStack()
    const { store, file, subscriptions } = await open(stack, 12_000)
    await using one = new Follower(store, 'listener-', BEGINNING)
    await one.until(() => one.batches.length >= 2)
    await using other = new Follower(store, 'listener-', BEGINNING)
    await Promise.all([one.untilEvents(12_000), other.untilEvents(12_000)])
    await Promise.all([one.untilLive(), other.untilLive()])
    await file.append('listener-b', NO_STREAM, [event()])
    await file.append('audit-b', NO_STREAM, [event()])
    await Promise.all([one.untilEvents(12_001), other.untilEvents(12_001)])
    const written = idsOf(await all(file.readAll({ prefixes: ['listener-'] })))
    assert.deepEqual(idsOf(one.events), written)
    assert.deepEqual(idsOf(other.events), written)
    assert.deepEqual(placesOf(subscriptions), [BEGINNING])
  })

  it('reads the log again for a late subscriber, another position or other prefixes', async () => {
    await using stack = new AsyncDisposableStack()
    const { store, subscriptions } = await open(stack, 12_000)
    await using one = new Follower(store, 'listener-', BEGINNING)
    await one.untilEvents(12_000)
    await one.untilLive()
    await using late = new Follower(store, 'listener-', BEGINNING)
    await late.untilEvents(12_000)
    await using others = new Follower(store, '', 11_999)
    await others.untilEvents(1)
    assert.deepEqual(placesOf(subscriptions), [BEGINNING, BEGINNING, 11_999])
    await using again = new Follower(store, 'listener-', 12_000)
    await store.append('listener-a', 11_999, [event()])
    await again.untilEvents(1)
    assert.equal(subscriptions.length, 3)
  })

  it('delivers streams that the shared subscription lacks', async () => {
    await using stack = new AsyncDisposableStack()
    const { store, file, subscriptions } = await open(stack, 1_000)
    await file.append('site-a', NO_STREAM, [event()])
    for (const prefixes of [['site-'], ['listener-', 'site-']]) {
      await using follower = new Follower(store, prefixes, BEGINNING)
      await follower.untilLive()
      assert.deepEqual(idsOf(follower.events), idsOf(await all(file.readAll({ prefixes }))))
    }
    assert.deepEqual(
      subscriptions.map(({ prefixes }) => prefixes),
      [['site-'], ['listener-', 'site-']],
    )
  })

  it('delivers only later events of its streams to a subscriber that begins within a batch', async () => {
    await using stack = new AsyncDisposableStack()
    const { store, file, subscriptions } = await open(stack, 1_000)
    await file.append('audit-a', NO_STREAM, events(3))
    await file.append('listener-b', NO_STREAM, events(2))
    const stalled = Promise.withResolvers<void>()
    const one = stack.use(new Follower(store, 'listener-', BEGINNING, () => stalled.promise))
    stack.defer(() => stalled.resolve())
    await one.untilEvents(1)
    await using other = new Follower(store, 'listener-', 500)
    const later = (await all(file.readAll({ prefixes: ['listener-'] }))).filter(({ position }) => position > 500)
    await other.untilLive()
    assert.deepEqual(idsOf(other.events), idsOf(later))
    assert.equal(subscriptions.length, 1)
  })

  it('leaves a stalled subscriber to a subscription of its own', async () => {
    await using stack = new AsyncDisposableStack()
    const { store, file, subscriptions } = await open(stack, 20_000)
    const stalled = Promise.withResolvers<void>()
    await using one = new Follower(store, 'listener-', BEGINNING, () => stalled.promise)
    await using other = new Follower(store, 'listener-', BEGINNING)
    await other.untilEvents(20_000)
    assert.ok(one.events.length <= 1_000)
    stalled.resolve()
    await one.untilEvents(20_000)
    assert.deepEqual(idsOf(one.events), idsOf(await all(file.readAll())))
    assert.deepEqual(placesOf(subscriptions), [BEGINNING, 1_000])
  })

  it('fails all subscribers if the reading fails, and starts a new reading for the next', async () => {
    await using stack = new AsyncDisposableStack()
    const { store, troubled, subscriptions } = await open(stack, 3_000)
    let batches = 0
    troubled.beforeDelivery = () => {
      batches += 1
      if (batches === 2) throw new StoreUnavailable('the log cannot be read')
      return undefined
    }
    const followers = [new Follower(store, 'listener-', BEGINNING), new Follower(store, 'listener-', BEGINNING)]
    for (const follower of followers) {
      await assert.rejects(follower.ended(), /the log cannot be read/)
      assert.equal(follower.events.length, 1_000)
    }
    await using again = new Follower(store, 'listener-', 1_000)
    await again.untilEvents(2_000)
    assert.deepEqual(placesOf(subscriptions), [BEGINNING, 1_000])
  })

  it('ends the reading when the last subscriber leaves', async () => {
    await using stack = new AsyncDisposableStack()
    const { store, subscriptions } = await open(stack, 2_000)
    {
      await using one = new Follower(store, 'listener-', BEGINNING)
      {
        await using other = new Follower(store, 'listener-', BEGINNING)
        await other.untilLive()
      }
      await one.untilLive()
      assert.equal(subscriptions[0]?.signal.aborted, false)
    }
    await eventually(async () => subscriptions[0]?.signal.aborted === true)
  })
})
