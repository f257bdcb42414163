import { type Client, createClient } from 'graphql-ws'
import { RunningHark } from '../../support/running-hark.ts'
import type { Figure } from '../figure.ts'
import { applyListeners, residentMegabytes } from '../process.ts'
import { inScratch } from '../scratch.ts'

const LISTENERS = 1_000
const CONSOLES = 50

/** What a page queries before it is live, and what the first page shows then. */
const QUERIES = [
  '{ viewer { name roles requiresToken permissions { permission namespaces } } namespaces }',
  '{ head eventDensity(buckets: 1) { firstTime lastTime } }',
  '{ eventDensity(buckets: 400) { from to bucketMilliseconds counts } }',
  `{ statusLanes(resolution: 1500, first: 60) { from to totalCount pageInfo { hasNextPage endCursor }
     edges { cursor node { kind namespace name status notReadySeconds columns } } } }`,
]
const FEED = 'subscription ($from: Moment) { events(from: $from) { position time type stream actor } }'

/** A page holds one WebSocket, with a subscription to events after those that it has read of. */
const open = async (hark: RunningHark): Promise<Client> => {
  for (const query of QUERIES) {
    const { errors } = await hark.graphql(query)
    if (errors) throw new Error(JSON.stringify(errors))
  }
  const { data } = await hark.graphql('{ head }')
  const connected = Promise.withResolvers<void>()
  const client = createClient({
    url: `${hark.url.replace('http', 'ws')}/graphql`,
    retryAttempts: 0,
    lazy: false,
    on: { connected: () => connected.resolve(), error: connected.reject },
  })
  client.subscribe(
    { query: FEED, variables: { from: { position: data.head } } },
    { next: () => undefined, error: connected.reject, complete: () => undefined },
  )
  await connected.promise
  return client
}

const openAll = async (hark: RunningHark): Promise<Client[]> => {
  const clients: Client[] = []
  for (let console = 0; console < CONSOLES; console += 1) clients.push(await open(hark))
  return clients
}

/** Megabytes that consoles take, each of them live on a log of 1,000 listeners. */
export const consoles = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await using hark = await RunningHark.start(['--data', folder])
    await hark.ready()
    await applyListeners(hark, LISTENERS)
    // The first ones compile code, and the heap grows to what their queries take for a moment.
    for (const client of await openAll(hark)) await client.dispose()
    const before = await residentMegabytes(hark)
    const clients = await openAll(hark)
    const value = (await residentMegabytes(hark)) - before
    for (const client of clients) await client.dispose()
    return [{ name: 'memory of 50 consoles', unit: 'MB', value: Math.max(0, value), bar: { at: 'most', of: 20 } }]
  })
