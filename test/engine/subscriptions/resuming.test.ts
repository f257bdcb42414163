import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ListenerRow, listenerStatus } from '../../../projections/listener-status.ts'
import { entitiesOf, routerConfig } from '../../../projections/router-config/router-config.ts'
import type { ConditionResult } from '../../../projections/shared/evaluate-conditions.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { listenerStream, RESOURCE_PREFIXES } from '../../../schemas/events/streams.ts'
import type { RouterEntity } from '../../../schemas/router-entities.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import { eventually } from '../../support/eventually.ts'
import fc, { runs } from '../../support/fast-check.ts'
import { anyLog } from '../../support/projections/arbitrary-log.ts'
import { fold } from '../../support/projections/recorded.ts'
import { TestEngine } from '../../support/test-engine.ts'

type Open<T> = (signal: AbortSignal) => AsyncIterable<T>

/** Takes `count` values, and asserts that no more are available. */
const taken = async <T>(open: Open<T>, count: number): Promise<T[]> => {
  const abort = new AbortController()
  const iterator = open(abort.signal)[Symbol.asyncIterator]()
  const values: T[] = []
  while (values.length < count) {
    const { value, done } = await iterator.next()
    assert.ok(!done, `it ended after ${values.length} of ${count}`)
    values.push(value)
  }
  abort.abort()
  assert.ok((await iterator.next()).done, 'more was emitted')
  return values
}

/** As JSON, in which absent and undefined are equal. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** The expected values of a watch, computed without the engine. */
type Shown = ReadonlyMap<string, unknown>

const LISTENERS = [
  ['west', 'a'],
  ['west', 'b'],
  ['east', 'a'],
] as const

/** A recorded log, and the state after each of its events, folded from scratch. */
class RecordedLog implements AsyncDisposable {
  readonly test: TestEngine
  readonly events: readonly HarkEvent[]
  readonly #tables: readonly { listeners: ReadonlyMap<string, ListenerRow>; entities: readonly RouterEntity[] }[]

  private constructor(test: TestEngine, events: readonly HarkEvent[]) {
    this.test = test
    this.events = events
    this.#tables = Array.from({ length: events.length + 1 }, (_, count) => {
      const log = events.slice(0, count)
      const { listeners } = fold(listenerStatus, log)
      return {
        listeners: new Map(listeners.sortedKeys().map(key => [key, listeners.get(key) as ListenerRow])),
        entities: entitiesOf(fold(routerConfig, log), 'west'),
      }
    })
  }

  static async of(log: readonly HarkEvent[]): Promise<RecordedLog> {
    const test = await TestEngine.start()
    const events: HarkEvent[] = []
    for (const { type, data, metadata, stream, revision } of log) {
      const event = { id: crypto.randomUUID(), type, data, metadata }
      await test.store.append(stream, revision - 1, [event])
    }
    for await (const event of test.store.readAll()) events.push(event as HarkEvent)
    await eventually(() => test.engine.read.head().position >= (events.at(-1)?.position ?? 0))
    return new RecordedLog(test, events)
  }

  /** The number of events at or before a position. */
  countAt(position: Position): number {
    return this.events.filter(event => event.position <= position).length
  }

  listener(count: number, key: string): ListenerRow | undefined {
    return this.#tables[count]?.listeners.get(key)
  }

  listeners(count: number): Shown {
    return this.#tables[count]?.listeners as Shown
  }

  entities(count: number): readonly RouterEntity[] {
    return this.#tables[count]?.entities ?? []
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.test[Symbol.asyncDispose]()
  }
}

const verdictOf = (row: ListenerRow | undefined): ConditionResult => {
  const { status, reason, message } = row?.conditions.Ready ?? {
    status: 'Unknown',
    reason: 'NotFound',
    message: 'The listener was deleted',
  }
  return { status, reason, message }
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** The expected emissions of each kind of watch from a position on, as positions and values. */
const KINDS: Record<
  string,
  (log: RecordedLog, position: Position) => { expected: unknown[]; emitted: (count: number) => Promise<unknown[]> }
> = {
  ...Object.fromEntries(
    LISTENERS.map(([namespace, name]) => [
      `listener ${namespace}/${name}`,
      (log: RecordedLog, position: Position) => {
        const begin = log.countAt(position)
        const key = listenerStream(namespace, name)
        const expected: unknown[] = [{ position, row: log.listener(begin, key) }]
        for (let count = begin + 1; count <= log.events.length; count += 1) {
          const row = log.listener(count, key)
          if (!isSame(row, log.listener(count - 1, key)))
            expected.push({ position: log.events[count - 1]?.position, eventType: log.events[count - 1]?.type, row })
        }
        const emitted = async (count: number) => {
          const open = (signal: AbortSignal) =>
            log.test.engine.watch.resource('Listener', namespace, name, signal, { position })
          return (await taken(open, count)).map(({ position, eventType, row }) => ({
            position,
            eventType,
            row: row && { ...row, asOf: undefined },
          }))
        }
        return { expected, emitted }
      },
    ]),
  ),
  ...Object.fromEntries(
    LISTENERS.map(([namespace, name]) => [
      `ready ${namespace}/${name}`,
      (log: RecordedLog, position: Position) => {
        const begin = log.countAt(position)
        const key = listenerStream(namespace, name)
        const first = log.listener(begin, key)
        const absent = { status: 'Unknown', reason: 'NotFound', message: 'There was no such listener' }
        let last: unknown = first === undefined ? absent : verdictOf(first)
        const expected: unknown[] = [{ position, ...(last as object) }]
        for (let count = begin + 1; count <= log.events.length; count += 1) {
          const row = log.listener(count, key)
          if (isSame(row, log.listener(count - 1, key)) || isSame(verdictOf(row), last)) continue
          last = verdictOf(row)
          expected.push({ position: log.events[count - 1]?.position, ...(last as object) })
        }
        const emitted = async (count: number) => {
          const open = (signal: AbortSignal) => log.test.engine.watch.ready(namespace, name, signal, { position })
          return (await taken(open, count)).map(({ time: _, ...change }) => change)
        }
        return { expected, emitted }
      },
    ]),
  ),
  listeners: (log, position) => {
    const begin = log.countAt(position)
    const expected: unknown[] = [...log.listeners(begin).values()].map(row => ({ position, row }))
    for (let count = begin + 1; count <= log.events.length; count += 1) {
      const [then, now] = [log.listeners(count - 1), log.listeners(count)]
      const keys = [...new Set([...then.keys(), ...now.keys()])].filter(key => !isSame(then.get(key), now.get(key)))
      const at = log.events[count - 1]?.position
      expected.push(...keys.sort().map(key => ({ position: at, row: now.get(key) })))
    }
    const emitted = async (count: number) => {
      const open = (signal: AbortSignal) => log.test.engine.watch.resources('Listener', {}, signal, { position })
      const values = (await taken(open, count)).map(({ position, namespace, name, row }) => ({
        key: listenerStream(namespace, name),
        position,
        row: row && { ...row, asOf: undefined },
      }))
      // The order within one event is unspecified.
      values.sort((a, b) => a.position - b.position || (a.key < b.key ? -1 : 1))
      return values.map(({ position, row }) => ({ position, row }))
    }
    return { expected, emitted }
  },
  routerConfig: (log, position) => {
    const begin = log.countAt(position)
    const expected: unknown[] = [{ position, entities: log.entities(begin) }]
    for (let count = begin + 1; count <= log.events.length; count += 1) {
      if (!isSame(log.entities(count), log.entities(count - 1)))
        expected.push({ position: log.events[count - 1]?.position, entities: log.entities(count) })
    }
    const emitted = async (count: number) => {
      const open = (signal: AbortSignal) => log.test.engine.watch.routerConfig('west', signal, { position })
      return (await taken(open, count)).map(({ position, config: { entities } }) => ({ position, entities }))
    }
    return { expected, emitted }
  },
  events: (log, position) => {
    const expected = log.events
      .slice(log.countAt(position))
      .filter(({ stream }) => RESOURCE_PREFIXES.some(prefix => stream.startsWith(prefix)))
    const open = (signal: AbortSignal) => log.test.engine.watch.events({}, signal, { position })
    return { expected, emitted: count => taken(open, count) }
  },
}

const LONGEST = fc.sample(anyLog, { numRuns: 300, seed: 20261123 }).toSorted((a, b) => b.length - a.length)

describe('watch from a past moment', () => {
  let logs: RecordedLog[] = []
  before(async () => {
    logs = await Promise.all(LONGEST.slice(0, 3).map(log => RecordedLog.of(log)))
  })
  after(() => Promise.all(logs.map(log => log[Symbol.asyncDispose]())))

  it('emits the state then, each change since once, and the current state last', async () => {
    const moment = fc.tuple(fc.nat(2), fc.constantFrom(...Object.keys(KINDS)), fc.nat(1_000_000))
    await fc.assert(
      fc.asyncProperty(moment, async ([which, kind, at]) => {
        const log = logs[which] as RecordedLog
        const end = log.events.at(-1)?.position ?? 0
        const { expected, emitted } = (KINDS[kind] as (typeof KINDS)[string])(log, at % (end + 1))
        assert.deepEqual(plain(await emitted(expected.length)), plain(expected))
      }),
      runs(300),
    )
  })
})

/** Changes the port of a listener repeatedly, with a limited number of concurrent commands. */
const moveThrough = async (test: TestEngine, first: number, last: number): Promise<void> => {
  const running: Promise<unknown>[] = []
  for (let port = first; port <= last; port += 1) {
    running.push(test.run(updatePort('a', port)))
    if (running.length === 64) await Promise.all(running.splice(0))
  }
  await Promise.all(running)
}

describe('watch that is behind', () => {
  const ports = async (open: Open<{ row?: ListenerRow }>, until: number): Promise<number[]> => {
    const abort = new AbortController()
    const seen: number[] = []
    for await (const { row } of open(abort.signal)) {
      seen.push(row?.spec.port ?? 0)
      if (row?.spec.port === until) abort.abort()
    }
    return seen
  }
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

  it('emits each change once while many arrive', async () => {
    await using test = await TestEngine.start()
    const { position } = await test.run(createListener('a', { port: 1 }))
    const changes = 3500
    const writing = moveThrough(test, 2, changes)
    const open = (signal: AbortSignal) => test.engine.watch.resource('Listener', 'west', 'a', signal, { position })
    const seen = await Promise.all([ports(open, changes), ports(open, changes)])
    await writing
    assert.deepEqual(seen, [upTo(changes), upTo(changes)])
    // Too far behind to join the live changes directly.
    assert.ok(test.engine.read.head().position - position > 5000)
    assert.deepEqual(await ports(open, changes), upTo(changes))
  })

  it('emits nothing twice after it became too slow', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { port: 1 }))
    const abort = new AbortController()
    const iterator = test.engine.watch.resource('Listener', 'west', 'a', abort.signal)[Symbol.asyncIterator]()
    const next = async () => (await iterator.next()).value?.row?.spec.port
    assert.equal(await next(), 1)
    for (const port of [2, 3, 4]) {
      await test.run(updatePort('a', port))
      assert.equal(await next(), port)
    }
    const changes = 1500
    await moveThrough(test, 5, changes + 4)
    const seen: unknown[] = []
    while (seen.length < changes) seen.push(await next())
    assert.deepEqual(
      seen,
      upTo(changes + 4).filter(port => port > 4),
    )
    abort.abort()
  })

  it('reads from disk while it is too slow and then continues live', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a', { port: 1 }))
    const abort = new AbortController()
    const iterator = test.engine.watch.resource('Listener', 'west', 'a', abort.signal)[Symbol.asyncIterator]()
    const next = async () => (await iterator.next()).value?.row?.spec.port
    assert.equal(await next(), 1)
    const changes = 1500
    await moveThrough(test, 2, changes + 1)
    const seen: unknown[] = []
    while (seen.length < changes) seen.push(await next())
    assert.deepEqual(
      seen,
      upTo(changes + 1).filter(port => port > 1),
    )
    await test.run(updatePort('a', 9))
    assert.equal(await next(), 9)
    abort.abort()
    assert.equal(await next(), undefined)
  })
})
