import { type Client, createClient } from 'graphql-ws'
import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { applyListeners, memoryOf } from '../process.ts'
import { inScratch } from '../scratch.ts'

const LISTENERS = 1_000
const CONSOLES = 50

const CHANGE = `mutation ($name: String!) { createListener(input: { namespace: "bench", name: $name,
  spec: { routingKey: $name, host: $name, port: 1234 } }) { position } }`

/** What a page queries before it is live, and what the first page shows then. */
const QUERIES = [
  '{ viewer { name roles requiresToken permissions { permission namespaces } } namespaces }',
  '{ head eventDensity(buckets: 1) { firstTime lastTime } }',
  '{ eventDensity(buckets: 400) { from to bucketMilliseconds counts } }',
  `{ statusLanes(resolution: 1500, first: 60) { from to totalCount pageInfo { hasNextPage endCursor }
     edges { cursor node { kind namespace name status notReadySeconds columns } } } }`,
]
const FEED = 'subscription ($from: Moment) { events(from: $from) { position time type stream actor } }'

interface Console {
  readonly client: Client
  /** Resolves with the first event. */
  readonly isLive: Promise<void>
}

/** A page holds one WebSocket, with a subscription to events after those that it has read of. */
const open = async (hark: RunningHark): Promise<Console> => {
  for (const query of QUERIES) {
    const { errors } = await hark.graphql(query)
    if (errors) throw new Error(JSON.stringify(errors))
  }
  const { data } = await hark.graphql('{ head }')
  const { promise: isLive, resolve, reject } = Promise.withResolvers<void>()
  const client = createClient({ url: `${hark.url.replace('http', 'ws')}/graphql`, retryAttempts: 0 })
  client.subscribe(
    { query: FEED, variables: { from: { position: data.head } } },
    { next: () => resolve(), error: reject, complete: () => reject(new Error('the subscription has ended')) },
  )
  return { client, isLive }
}

/** Opens consoles until each has received a change. */
const openAll = async (hark: RunningHark, change: string): Promise<Console[]> => {
  const opened: Console[] = []
  for (let console = 0; console < CONSOLES; console += 1) opened.push(await open(hark))
  const { errors } = await hark.graphql(CHANGE, { name: change })
  if (errors) throw new Error(JSON.stringify(errors))
  await Promise.all(opened.map(({ isLive }) => isLive))
  return opened
}

const closeAll = async (opened: readonly Console[]): Promise<void> => {
  for (const { client } of opened) await client.dispose()
}

/** Megabytes that consoles take, each of them live on a log of 1,000 listeners. */
export const consoles = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await using hark = await RunningHark.start(['--data', folder])
    await hark.ready()
    await applyListeners(hark, LISTENERS)
    // The first ones compile code, and the heap grows to what their queries take for a moment.
    await closeAll(await openAll(hark, 'first'))
    const before = (await memoryOf(hark.pid)).now
    const opened = await openAll(hark, 'second')
    const value = (await memoryOf(hark.pid)).now - before
    await closeAll(opened)
    return [{ name: 'memory of 50 consoles', unit: 'MB', value: Math.max(0, value), bar: { at: 'most', of: 20 } }]
  })
