import { randomUUID } from 'node:crypto'
import type { DomainEvent } from '../../schemas/events/events.ts'
import { schemaVersion } from '../../schemas/events/upcast.ts'
import { type EventStore, type EventToAppend, NO_STREAM } from '../../src/event-store/event-store.ts'
import { RunningHark } from '../support/running-hark.ts'
import { overEvents, type TestSubscription } from '../support/subscription-client.ts'
import { withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { withServer } from './http.ts'
import { applyListeners, residentMegabytes } from './process.ts'
import { inScratch, percentile } from './scratch.ts'

const NAMESPACE = 'bench'
const LISTENERS = 1_000
const EVENTS = 1_000_000
const MONTH_MS = 30 * 24 * 60 * 60 * 1000
const START = Date.parse('2026-11-01T00:00:00.000Z')
const BATCH = 200
const LOOKS = 20
const CONSOLES = 50

const uids = Array.from({ length: LISTENERS }, () => randomUUID())

const subjectOf = (listener: number) => ({
  namespace: NAMESPACE,
  name: `listener-${listener}`,
  uid: uids[listener] as string,
})

const toAppend = ({ type, data }: DomainEvent, index: number): EventToAppend => ({
  id: randomUUID(),
  type,
  data,
  metadata: { schemaVersion: schemaVersion(type), actor: 'bench', correlationId: randomUUID() },
  time: new Date(START + Math.floor((index * MONTH_MS) / EVENTS)).toISOString(),
})

const creation = (listener: number): DomainEvent => {
  const subject = subjectOf(listener)
  const settings = { observer: 'auto' as const }
  const spec = {
    routingKey: subject.name,
    host: subject.name,
    port: 8080,
    type: 'tcp',
    exposePodsByName: false,
    settings,
  }
  return { type: 'ListenerCreated', data: { ...subject, spec } }
}

/** Every fifth round the listener opens its socket; in the others it fails, with varying messages. */
const report = (listener: number, round: number): DomainEvent => {
  const data = { ...subjectOf(listener), generation: 1 }
  return (round + listener) % 5 === 0
    ? { type: 'ListenerOpened', data }
    : { type: 'ListenerFailedToOpen', data: { ...data, message: `in use by process ${round % 3}` } }
}

/** A million events of 1,000 listeners over a month. */
const fill = async (store: EventStore): Promise<void> => {
  let index = 0
  for (let listener = 0; listener < LISTENERS; listener += 1)
    await store.append(`listener-${NAMESPACE}.listener-${listener}`, NO_STREAM, [toAppend(creation(listener), index++)])
  const attached: DomainEvent[] = [
    { type: 'RouterAttached', data: { namespace: NAMESPACE, url: 'amqp://router' } },
    { type: 'RouterConnected', data: { namespace: NAMESPACE, id: 'router' } },
  ]
  let revision = NO_STREAM
  let batch = attached.map(event => toAppend(event, index++))
  const append = async () => {
    await store.append(`router-${NAMESPACE}`, revision, batch)
    revision += batch.length
    batch = []
  }
  await append()
  for (let event = 0; index < EVENTS; event += 1) {
    batch.push(toAppend(report(event % LISTENERS, Math.floor(event / LISTENERS)), index++))
    if (batch.length === BATCH || index === EVENTS) await append()
  }
}

const DENSITY = '{ eventDensity(buckets: 500) { from to counts total } }'
const LANES = `{ statusLanes(
  from: { time: "${new Date(START).toISOString()}" }, to: { time: "${new Date(START + MONTH_MS).toISOString()}" }, first: 100
) { totalCount edges { node { namespace name status notReadySeconds columns } } } }`
const SORTED = LANES.replace('first: 100', 'first: 100, orderBy: NotReady')

const post = async (url: string, query: string): Promise<string> => {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const text = await response.text()
  if (text.includes('"errors"')) throw new Error(text)
  return text
}

/** Milliseconds over HTTP, the median of several requests; the first ones warm up. */
const answered = async (url: string, query: string): Promise<number> => {
  const times: number[] = []
  for (let look = 0; look < LOOKS; look += 1) {
    const begin = performance.now()
    await post(url, query)
    if (look >= LOOKS / 4) times.push(performance.now() - begin)
  }
  return percentile(times, 0.5)
}

const overviews = (): Promise<Figure[]> =>
  inScratch(folder =>
    withEngine(folder, async ({ engine, store }) => {
      await fill(store)
      await engine.readModels.reached(EVENTS)
      return withServer(engine, async url => [
        {
          name: 'density of 1,000,000 events, 500 buckets',
          unit: 'ms',
          value: await answered(url, DENSITY),
          bar: { at: 'most', of: 50 },
        },
        {
          name: 'lanes of 100 listeners over a month, 1,000,000 events',
          unit: 'ms',
          value: await answered(url, LANES),
          bar: { at: 'most', of: 100 },
        },
        {
          name: 'the same, of 1,000 listeners sorted by time not Ready',
          unit: 'ms',
          value: await answered(url, SORTED),
          bar: { at: 'most', of: 500 },
        },
      ])
    }),
  )

const WATCHED = [
  'subscription { listeners { position name listener { metadata { name } status { status message } } } }',
  'subscription { connectors { position } }',
  'subscription { sites { position } }',
  'subscription { events { position type } }',
]

/** Megabytes that consoles take, each with its own subscriptions over 1,000 listeners. */
const consoles = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await using hark = await RunningHark.start(['--data', folder])
    await hark.ready()
    await applyListeners(hark, LISTENERS)
    const open = async (): Promise<TestSubscription[]> => {
      const subscriptions = await Promise.all(WATCHED.map(query => overEvents(hark.url, query, {}, {})))
      for (let listener = 0; listener < LISTENERS; listener += 1) await subscriptions[0]?.next()
      return subscriptions
    }
    const openAll = async () => {
      const opened: TestSubscription[] = []
      for (let console = 0; console < CONSOLES; console += 1) opened.push(...(await open()))
      return opened
    }
    const close = async (opened: readonly TestSubscription[]) => {
      for (const subscription of opened) await subscription[Symbol.asyncDispose]()
    }
    // The first ones compile code, and the heap grows to what their first messages take for a moment.
    await close(await openAll())
    const before = await residentMegabytes(hark)
    const opened = await openAll()
    const value = (await residentMegabytes(hark)) - before
    await close(opened)
    return [{ name: 'memory of 50 consoles', unit: 'MB', value: Math.max(0, value), bar: { at: 'most', of: 20 } }]
  })

/** The queries of the console. */
export const consoleFigures = async (): Promise<Figure[]> => [...(await overviews()), ...(await consoles())]
