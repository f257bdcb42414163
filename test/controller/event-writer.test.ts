import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RouterEvent } from '../../schemas/events/events.ts'
import type { CausationTracker } from '../../src/controller/causation.ts'
import { RouterEventWriter } from '../../src/controller/event-writer.ts'
import { type Lease, LeaseLost, noopLease } from '../../src/controller/lease/lease.ts'
import type { EventStore } from '../../src/event-store/event-store.ts'
import { clock } from '../fakes/virtual-clock.ts'
import { TestEngine } from '../support/test-engine.ts'

const NAMESPACE = 'west'
const { signal } = new AbortController()

const seen = (number: number): RouterEvent => ({
  type: 'ConnectorSeen',
  data: { namespace: NAMESPACE, identity: `router:${number}`, routingKey: 'backend' },
})

interface JournalOptions {
  readonly lease?: Lease
  readonly reached?: (position: number) => Promise<void>
}

/** A journal on a store whose appends take a turn of the event loop more, each another number of them. */
const journalOn = (
  store: EventStore,
  { lease = noopLease('test'), reached = async () => undefined }: JournalOptions = {},
): Promise<RouterEventWriter> => {
  let appends = 0
  const slow: Pick<EventStore, 'append' | 'readStream'> = {
    readStream: (stream, options) => store.readStream(stream, options),
    append: async (stream, revision, events) => {
      appends += 1
      for (let turns = appends % 3; turns >= 0; turns -= 1) await new Promise(setImmediate)
      return store.append(stream, revision, events)
    },
  }
  return RouterEventWriter.open({
    store: slow as EventStore,
    namespace: NAMESPACE,
    lease,
    causes: { of: async () => undefined } as unknown as CausationTracker,
    clock,
    reached,
  })
}

const identities = async (engine: TestEngine): Promise<string[]> =>
  (await engine.stream(`router-${NAMESPACE}`)).map(({ data }) => (data as { identity: string }).identity)

describe('RouterEventWriter', () => {
  it('keeps the order of concurrent writes, without losing the lease', async () => {
    await using engine = await TestEngine.start()
    const journal = await journalOn(engine.store)
    const writes = Array.from({ length: 50 }, (_, number) => journal.write([seen(number)], signal))
    await Promise.all(writes)
    assert.deepEqual(
      await identities(engine),
      writes.map((_, number) => `router:${number}`),
    )
  })

  it('does not interleave writes of several appends', async () => {
    await using engine = await TestEngine.start()
    const journal = await journalOn(engine.store)
    const many = Array.from({ length: 1200 }, (_, number) => seen(number))
    await Promise.all([journal.write(many, signal), journal.write([seen(-1)], signal)])
    assert.deepEqual(
      await identities(engine),
      [...many.keys(), -1].map(number => `router:${number}`),
    )
  })

  it('decides events when everything before is in the log', async () => {
    await using engine = await TestEngine.start()
    const journal = await journalOn(engine.store)
    const reads: Promise<string[]>[] = []
    await Promise.all([
      journal.write([seen(0)], signal),
      journal.write(() => {
        reads.push(identities(engine))
        return []
      }, signal),
    ])
    assert.deepEqual(await Promise.all(reads), [['router:0']])
  })

  it('rejects all pending writes with LeaseLost after another engine has written', async () => {
    await using engine = await TestEngine.start()
    const [journal, another] = [await journalOn(engine.store), await journalOn(engine.store)]
    await another.write([seen(0)], signal)
    const writes = await Promise.allSettled([journal.write([seen(1)], signal), journal.write([seen(2)], signal)])
    for (const write of writes) {
      assert.equal(write.status, 'rejected')
      assert.ok(write.reason instanceof LeaseLost)
    }
    assert.deepEqual(await identities(engine), ['router:0'])
  })

  it('appends nothing before the lease is valid', async () => {
    await using engine = await TestEngine.start()
    const { promise: whenValid, resolve: renewed } = Promise.withResolvers<void>()
    let isValid = false
    const lease = { ...noopLease('test'), isValid: () => isValid, whenValid: () => whenValid }
    const journal = await journalOn(engine.store, { lease })
    const written = journal.write([seen(0)], signal)
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    assert.deepEqual(await identities(engine), [])
    isValid = true
    renewed()
    await written
    assert.deepEqual(await identities(engine), ['router:0'])
  })

  it('opens, and resolves a write, when the read models show the events', async () => {
    await using engine = await TestEngine.start()
    await (await journalOn(engine.store)).write([seen(0)], signal)
    const [{ position: first } = { position: -1 }] = await engine.stream(`router-${NAMESPACE}`)
    const waiting = new Map<number, () => void>()
    const reached = (position: number) => new Promise<void>(resolve => waiting.set(position, resolve))
    const show = async (count: number): Promise<number[]> => {
      while (waiting.size < count) await new Promise(setImmediate)
      for (const resolve of waiting.values()) resolve()
      return [...waiting.keys()]
    }
    const opening = journalOn(engine.store, { reached })
    assert.deepEqual(await show(1), [first])
    const journal = await opening
    let isWritten = false
    const written = journal.write([seen(1)], signal).then(() => {
      isWritten = true
    })
    while (waiting.size < 2) await new Promise(setImmediate)
    assert.equal(isWritten, false)
    const second = (await engine.stream(`router-${NAMESPACE}`)).at(-1)?.position
    assert.deepEqual(await show(2), [first, second])
    await written
  })

  it('drops a write whose signal is aborted, and goes on with the next', async () => {
    await using engine = await TestEngine.start()
    const journal = await journalOn(engine.store)
    const stop = new AbortController()
    const first = journal.write([seen(0)], signal)
    const given = journal.write([seen(1)], stop.signal)
    stop.abort(new Error('enough'))
    await assert.rejects(given, /enough/)
    await Promise.all([first, journal.write([seen(2)], signal)])
    assert.deepEqual(await identities(engine), ['router:0', 'router:2'])
  })
})
