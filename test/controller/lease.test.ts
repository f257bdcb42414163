import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventStoreLease, LeaseLost, type LeaseTimes } from '../../src/controller/lease/lease.ts'
import { startControllers } from '../../src/controller/start.ts'
import { newEvent, systemCaller } from '../../src/engine/commands/event-metadata.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { connectInThisThread } from '../../src/engine/history/recorder.ts'
import { WatchedRouters } from '../../src/engine/history/watched-routers.ts'
import { type ReadStreamOptions, StoreCorrupted, StoreUnavailable } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { SimulatedNetwork } from '../../src/simulator/network.ts'
import { all } from '../contract/event-store/events.ts'
import { FaultyStore } from '../fakes/faulty-store.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { clock, clockThatShows, eventually } from '../fakes/virtual-clock.ts'
import { createListener } from '../support/commands.ts'
import { seededRandom } from '../support/random.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { ALICE } from '../support/test-engine.ts'

const TIMES: LeaseTimes = { poll: 10, askAfter: 40, answerWithin: 120, takeReleasedAfter: 0, validFor: 90 }
const never = new AbortController().signal

/** A log that several may write to. */
const openLog = async () => {
  const folder = await scratchFolder()
  const store = openSqliteEventStore({ file: `${folder.path}/events.db` })
  return {
    store,
    folder: folder.path,
    types: async () => (await all(store.readStream('lease-west'))).map(({ type }) => type),
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise(setImmediate)
}

/** An engine's side of the lease, with a store of its own that can be cut off. */
const side = (log: Awaited<ReturnType<typeof openLog>>, holder: string, predecessor?: string) => {
  const store = new FaultyStore(log.store)
  return { store, lease: new EventStoreLease({ store, namespace: 'west', holder, predecessor, clock, times: TIMES }) }
}

describe('EventStoreLease', { timeout: 30_000 }, () => {
  it('appends one event while no other engine requests it', async () => {
    await using log = await openLog()
    const { lease } = side(log, 'a')
    assert.equal(lease.isValid(), false)
    await lease.acquire(never)
    const begun = clock.now()
    await until(() => clock.now() - begun > 3 * TIMES.validFor)
    assert.equal(lease.isValid(), true)
    assert.deepEqual(await log.types(), ['LeaseTaken'])
    await lease.release()
  })

  it('stays with a holder that renews on request', async () => {
    await using log = await openLog()
    const [a, b] = [side(log, 'a'), side(log, 'b')]
    await a.lease.acquire(never)
    const given = new AbortController()
    const waiting = assert.rejects(b.lease.acquire(given.signal), /enough/)
    await until(async () => (await log.types()).filter(type => type === 'LeaseRenewed').length >= 10)
    assert.equal(a.lease.isValid(), true)
    assert.equal(b.lease.isValid(), false)
    assert.equal((await log.types()).filter(type => type === 'LeaseTaken').length, 1)
    given.abort(new Error('enough'))
    await waiting
    await a.lease.release()
  })

  it('is released after a renewal that is on its way', async () => {
    await using log = await openLog()
    const [a, b] = [side(log, 'a'), side(log, 'b')]
    await a.lease.acquire(never)
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
    let isRenewing = false
    a.store.beforeAppend = () => {
      isRenewing = true
      return answered
    }
    const taken = b.lease.acquire(never)
    await until(() => isRenewing)
    const released = a.lease.release()
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    answer()
    await released
    assert.deepEqual((await log.types()).slice(0, 4), ['LeaseTaken', 'LeaseAsked', 'LeaseRenewed', 'LeaseReleased'])
    await taken
    await b.lease.release()
  })

  it('is lost with the error that prevents reading it', async () => {
    await using log = await openLog()
    const { store, lease } = side(log, 'a')
    await lease.acquire(never)
    const damage = new StoreCorrupted({ stream: 'lease-west' }, 'damaged')
    store.readStream = () => {
      throw damage
    }
    await until(() => lease.lost.aborted)
    assert.equal(lease.lost.reason, damage)
    assert.equal(lease.isValid(), false)
    await lease.release()
  })

  it('goes to another engine as soon as it is released', async () => {
    await using log = await openLog()
    const [a, b] = [side(log, 'a'), side(log, 'b')]
    await a.lease.acquire(never)
    const waiting = b.lease.acquire(never)
    await a.lease.release()
    await waiting
    assert.deepEqual([a.lease.isValid(), b.lease.isValid()], [false, true])
    await b.lease.release()
  })

  it('goes immediately to the successor of an ended holder', async () => {
    await using log = await openLog()
    const [a, next] = [side(log, 'a'), side(log, 'next', 'a')]
    await a.lease.acquire(never)
    a.store.isDown = true
    await next.lease.acquire(never)
    assert.equal(next.lease.isValid(), true)
    assert.deepEqual(await log.types(), ['LeaseTaken', 'LeaseTaken'])
    await next.lease.release()
    await a.lease.release()
  })

  it('makes a successor ask if the ended engine was not the holder', async () => {
    await using log = await openLog()
    const [b, next] = [side(log, 'b'), side(log, 'next', 'a')]
    await b.lease.acquire(never)
    const taken = next.lease.acquire(never)
    await until(async () => (await log.types()).includes('LeaseRenewed'))
    assert.equal(next.lease.isValid(), false)
    await b.lease.release()
    await taken
    await next.lease.release()
  })

  it('goes to another engine when its holder is cut off, and is never valid for both', async () => {
    await using log = await openLog()
    const [a, b] = [side(log, 'a'), side(log, 'b')]
    await a.lease.acquire(never)
    a.store.isDown = true
    let wasBoth = false
    const taken = b.lease.acquire(never)
    let isTaken = false
    void taken.then(() => {
      isTaken = true
    })
    await until(() => {
      wasBoth ||= a.lease.isValid() && b.lease.isValid()
      return isTaken
    })
    assert.equal(wasBoth, false)
    a.store.isDown = false
    await until(() => a.lease.lost.aborted)
    assert.ok(a.lease.lost.reason instanceof LeaseLost)
    assert.equal(a.lease.isValid(), false)
    await assert.rejects(a.lease.whenValid(never), LeaseLost)
    await a.lease.release()
    assert.equal(b.lease.isValid(), true)
    await b.lease.release()
  })

  it('is invalid, but not lost, while the store is unavailable', async () => {
    await using log = await openLog()
    const { lease, store } = side(log, 'a')
    await lease.acquire(never)
    store.isDown = true
    await until(() => !lease.isValid())
    store.isDown = false
    await lease.whenValid(never)
    assert.equal(lease.lost.aborted, false)
    await lease.release()
  })

  it('is taken by one of many engines', async () => {
    await using log = await openLog()
    const sides = ['a', 'b', 'c', 'd'].map(holder => side(log, holder))
    const given = new AbortController()
    const results = sides.map(({ lease }) => lease.acquire(given.signal).then(() => lease))
    const first = await Promise.race(results)
    assert.equal(sides.filter(({ lease }) => lease.isValid()).length, 1)
    given.abort(new Error('enough'))
    await Promise.allSettled(results)
    await first.release()
  })

  it('is invalid as soon as its holder sees that another engine has it', async () => {
    await using log = await openLog()
    const lease = new EventStoreLease({
      store: log.store,
      namespace: 'west',
      holder: 'a',
      times: TIMES,
      clock: clockThatShows(() => 0),
    })
    await lease.acquire(never)
    assert.equal(lease.isValid(), true)
    const taken = { type: 'LeaseTaken', data: { namespace: 'west', holder: 'b' } } as const
    await log.store.append('lease-west', 0, [newEvent(taken, { caller: systemCaller() })])
    await until(() => lease.lost.aborted)
    assert.equal(lease.isValid(), false)
    await lease.release()
    assert.deepEqual(await log.types(), ['LeaseTaken', 'LeaseTaken'])
  })

  it('is valid from the start of a read or append, not from its end', async () => {
    await using log = await openLog()
    let time = 0
    const slow = new FaultyStore(log.store)
    const lease = new EventStoreLease({
      store: slow,
      namespace: 'west',
      holder: 'a',
      times: TIMES,
      clock: clockThatShows(() => time),
    })
    await using stack = new AsyncDisposableStack()
    stack.defer(() => lease.release())
    let looks = 0
    slow.readStream = async function* (stream, options) {
      const seen = await all(log.store.readStream(stream, options))
      time += TIMES.validFor
      looks += 1
      yield* seen
    }
    slow.afterAppend = () => {
      time += TIMES.validFor
    }
    await lease.acquire(never)
    assert.equal(lease.isValid(), false, 'taken by a write that took as long as it would be valid for')
    const before = looks
    let wasValid = false
    await until(() => {
      wasValid ||= lease.isValid()
      return looks >= before + 3
    })
    assert.equal(wasValid, false)
    slow.readStream = (stream, options) => log.store.readStream(stream, options)
    await until(() => lease.isValid())
  })
})

/** Other processes could write to it, and the lease can be cut off alone. */
class SharedStore extends FaultyStore {
  isLeaseCutOff = false

  override get isShared(): boolean {
    return true
  }

  override readStream(stream: string, options?: ReadStreamOptions) {
    if (this.isLeaseCutOff && stream === 'lease-west') throw new StoreUnavailable('cut off')
    return super.readStream(stream, options)
  }
}

describe('startControllers', { timeout: 30_000 }, () => {
  it('changes nothing on a router while its lease cannot be renewed', async () => {
    await using log = await openLog()
    const store = new SharedStore(log.store)
    const router = new SimulatedNetwork({ random: seededRandom(), clock }).addRouter({ id: 'west' })
    await router.start()
    const engine = createEngine({
      store,
      readModelFile: `${log.folder}/read-models.db`,
      logger: silentLogger,
      connectHistory: connectInThisThread,
    })
    const controllers = await startControllers({
      engine,
      store,
      watched: new WatchedRouters(undefined),
      routers: [{ namespace: 'west', url: router.url }],
      logger: silentLogger,
      clock,
      graceMs: 10_000,
    })
    const names = () => router.entities('tcpListener').map(({ name }) => name)
    try {
      await engine.whenReady()
      await engine.execute(createListener('a'), { caller: ALICE })
      await eventually(() => names().includes('listener/a'))
      store.isLeaseCutOff = true
      await clock.sleep(5000)
      await engine.execute(createListener('b'), { caller: ALICE })
      await clock.sleep(2000)
      assert.deepEqual(names(), ['listener/a'])
      store.isLeaseCutOff = false
      await eventually(() => names().includes('listener/b'))
    } finally {
      await controllers.close()
      await engine.close()
      await router.kill()
    }
    assert.deepEqual(await log.types(), ['LeaseTaken', 'LeaseReleased'])
  })
})
