import { stat } from 'node:fs/promises'
import type { ListenerCommand } from '../../schemas/commands.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { lastPosition } from '../../src/event-store/last-event.ts'
import { liveHeap } from '../support/live-heap.ts'
import { eventFile, readModelFile, withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { inParallel, inScratch, percentile } from './scratch.ts'
import { CALLER } from './workload.ts'

const LISTENERS = 1_000
const FEW_EVENTS = 10_000
const MANY_EVENTS = 1_000_000
const CALLERS = 64
const LOOKS = 2_000
const WIDE_LOOKS = 20
const NAMESPACE = 'bench'

const nameOf = (index: number): string => `listener-${index % LISTENERS}`

/** The nth command of listeners in one namespace: they change ports and routing keys. */
const commandAt = (index: number): ListenerCommand => {
  const name = nameOf(index)
  const subject = { namespace: NAMESPACE, name }
  const round = Math.floor(index / LISTENERS)
  const settings = { observer: 'auto' as const }
  if (round === 0) {
    const spec = { routingKey: name, host: name, port: 8080, type: 'tcp', exposePodsByName: false, settings }
    return { type: 'CreateListener', ...subject, spec }
  }
  if (round % 2 === 1) return { type: 'UpdateRoutingKey', ...subject, routingKey: `${name}-${round}` }
  return { type: 'UpdatePort', ...subject, port: 8080 + (round % 50) }
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

const samples = async (count: number, look: () => Promise<unknown>): Promise<number[]> => {
  const times: number[] = []
  for (let index = 0; index < count; index += 1) times.push(await timed(look))
  return times
}

const randomBelow = (end: number): number => Math.floor(Math.random() * end)

/** Durations of queries for random moments, in milliseconds. */
const looks = async ({ read }: Engine) => {
  // Only moments at which all listeners exist: a missing one is found quickly.
  const past = () => read.past({ position: 3 * LISTENERS + randomBelow(read.head().position - 3 * LISTENERS) })
  const found = await (await past()).resources('Listener', {}, { first: LISTENERS })
  if (found.rows.length !== LISTENERS) throw new Error(`${found.rows.length} listeners are there`)
  return {
    one: percentile(
      await samples(LOOKS, async () => (await past()).resource('Listener', NAMESPACE, nameOf(randomBelow(LISTENERS)))),
      0.99,
    ),
    all: percentile(
      await samples(WIDE_LOOKS, async () => (await past()).resources('Listener', {}, { first: LISTENERS })),
      0.5,
    ),
    config: percentile(await samples(WIDE_LOOKS, async () => (await past()).routerConfig(NAMESPACE)), 0.5),
  }
}

/** Duration of the timeline of a listener whose Matched changes with each of 10,000 events, in milliseconds. */
const timelineOfMany = async (engine: Engine): Promise<number> => {
  const subject = { namespace: NAMESPACE, name: 'busy' }
  const settings = { observer: 'auto' as const }
  const options = { caller: CALLER }
  const at = { routingKey: 'busy', host: 'busy', port: 1, type: 'tcp', exposePodsByName: false, settings }
  const { row } = await engine.execute({ type: 'CreateListener', ...subject, spec: at }, options)
  const connector = {
    routingKey: 'matched',
    host: 'x',
    port: 1,
    type: 'tcp',
    useClientCert: false,
    verifyHostname: true,
  }
  const more = { exposePodsByName: false, includeNotReadyPods: false, settings: {} }
  await engine.execute({ type: 'CreateConnector', ...subject, spec: { ...connector, ...more } }, options)
  for (let change = 0; change < FEW_EVENTS; change += 1) {
    const routingKey = change % 2 === 0 ? 'matched' : 'busy'
    await engine.execute({ type: 'UpdateRoutingKey', ...subject, routingKey }, options)
  }
  const from = { time: row?.creationTimestamp ?? '' }
  const look = () => engine.read.timeline({ kind: 'Listener', ...subject, type: 'Matched', from })
  await look()
  return percentile(await samples(WIDE_LOOKS, look), 0.5)
}

/** Time until a subscription from the beginning of the busy listener is live, in milliseconds. */
const subscriptionOfMany = async (engine: Engine): Promise<number> => {
  const follow = async (): Promise<void> => {
    const abort = new AbortController()
    const from = { position: 0 }
    const end = engine.read.resource('Listener', NAMESPACE, 'busy')?.resourceVersion
    for await (const { position } of engine.watch.resource('Listener', NAMESPACE, 'busy', abort.signal, from))
      if (position === end) abort.abort()
  }
  await follow()
  return percentile(await samples(5, follow), 0.5)
}

/** Time to find the event that set a listener's last routing key, by bisection and by its changes. */
const bisectOfMany = async (engine: Engine): Promise<number> => {
  const { read } = engine
  const name = nameOf(7)
  const last = read.resource('Listener', NAMESPACE, name)
  const look = async (): Promise<void> => {
    const isSo = async (position: number) =>
      (await (await read.past({ position })).resource('Listener', NAMESPACE, name))?.generation === last?.generation
    let [low, high] = [0, read.head().position]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (await isSo(middle)) high = middle
      else low = middle
    }
    const page = { first: 1, after: high - 1, to: high }
    const { changes } = await read.changes({ namespace: NAMESPACE, listener: name }, page)
    if (changes.length !== 1) throw new Error('nothing was found')
  }
  const scan = async (): Promise<void> => {
    const page = { first: 1_000_000, after: 0, to: read.head().position }
    await read.changes({ namespace: NAMESPACE, listener: name }, page)
  }
  return Math.max(percentile(await samples(5, look), 0.5), percentile(await samples(3, scan), 0.5))
}

const SUBSCRIBERS = 1000
const CHANGES = 200

/** Time until a change reaches the last of many subscribers, in milliseconds, and memory per subscriber, in kilobytes. */
const manySubscribers = async (engine: Engine): Promise<{ latency: number; size: number }> => {
  const name = nameOf(3)
  // After a million events the process has free memory that new objects take, so its resident size would not grow.
  const before = liveHeap()
  const abort = new AbortController()
  const open = Array.from({ length: SUBSCRIBERS }, () =>
    engine.watch.resource('Listener', NAMESPACE, name, abort.signal)[Symbol.asyncIterator](),
  )
  await Promise.all(open.map(iterator => iterator.next()))
  const times: number[] = []
  for (let change = 0; change < CHANGES; change += 1) {
    const received = Promise.all(open.map(iterator => iterator.next()))
    const begin = performance.now()
    await engine.execute({ type: 'UpdateHost', namespace: NAMESPACE, name, host: `host-${change}` }, { caller: CALLER })
    await received
    times.push(performance.now() - begin)
  }
  const size = (liveHeap() - before) / SUBSCRIBERS / 1024
  abort.abort()
  return { latency: percentile(times, 0.99), size }
}

const sizeOf = async (file: string): Promise<number> => {
  const sizes = [file, `${file}-wal`].map(path =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 1024 ** 2
}

/** Queries about the past, over a million events. */
export const past = (): Promise<Figure[]> =>
  inScratch(async folder => {
    const { few, many, timeline, subscription, bisect, subscribers } = await withEngine(
      folder,
      async ({ engine, store }) => {
        let commands = 0
        const runUntil = async (events: number) => {
          for (let last = 0; last < events; ) {
            const end = commands + Math.max(LISTENERS, Math.floor((events - last) / 2))
            await inParallel(CALLERS, end - commands, index =>
              engine.execute(commandAt(commands + index), { caller: CALLER }),
            )
            commands = end
            last = await lastPosition(store)
          }
        }
        await runUntil(FEW_EVENTS)
        // The first looks compile what the later ones use.
        await looks(engine)
        const few = await looks(engine)
        await runUntil(MANY_EVENTS)
        const many = await looks(engine)
        const bisect = await bisectOfMany(engine)
        const subscribers = await manySubscribers(engine)
        const timeline = await timelineOfMany(engine)
        return { few, many, bisect, subscribers, timeline, subscription: await subscriptionOfMany(engine) }
      },
    )
    const log = await sizeOf(eventFile(folder))
    return [
      {
        name: 'a listener as of a random moment, p99, 1,000,000 events',
        unit: 'ms',
        value: many.one,
        bar: { at: 'most', of: 2 },
      },
      {
        name: 'the same, against a log of 10,000 events',
        unit: 'ms',
        value: many.one,
        against: { name: 'with 10,000 events', value: few.one },
        bar: { at: 'most', of: 1.5 },
      },
      { name: 'all 1,000 listeners as of a random moment', unit: 'ms', value: many.all, bar: { at: 'most', of: 50 } },
      {
        name: "a router's configuration of 1,000 listeners as of a random moment",
        unit: 'ms',
        value: many.config,
        bar: { at: 'most', of: 50 },
      },
      {
        name: 'timeline of a condition with 10,000 transitions',
        unit: 'ms',
        value: timeline,
        bar: { at: 'most', of: 10 },
      },
      {
        name: 'subscription from the beginning of 10,000 events, until live',
        unit: 'ms',
        value: subscription,
        bar: { at: 'most', of: 200 },
      },
      { name: 'bisect over 1,000,000 events', unit: 'ms', value: bisect, bar: { at: 'most', of: 1000 } },
      {
        name: 'a change at the last of 1,000 subscribers, p99',
        unit: 'ms',
        value: subscribers.latency,
        bar: { at: 'most', of: 100 },
      },
      {
        name: 'memory a subscriber, of 1,000',
        unit: 'KB',
        value: subscribers.size,
        bar: { at: 'most', of: 100 },
      },
      {
        name: 'size of the read database, history kept',
        unit: 'MB',
        value: await sizeOf(readModelFile(folder)),
        against: { name: 'size of the event log', value: log },
        bar: { at: 'most', of: 2 },
      },
    ]
  })
