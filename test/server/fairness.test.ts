import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { DEFAULT_LIMITS } from '../../src/config/limits.ts'
import { CooperativeScheduler } from '../../src/lib/cooperative-scheduler.ts'
import { deferEvents } from '../../src/server/graphql/websocket/defer-events.ts'
import { OperationSlots } from '../../src/server/operation-slots.ts'
import { bearer, credentials } from '../support/credentials.ts'
import { eventually } from '../support/eventually.ts'
import { APPLY, BACKEND, CONNECTOR } from '../support/operations.ts'
import { overEvents, overWebSocket } from '../support/subscription-client.ts'
import { TestServer } from '../support/test-server.ts'

const list = (count: number) => Array.from({ length: count }, (_, index) => index)

const listeners = (count: number) =>
  list(count).map(index => ({
    ...BACKEND,
    metadata: { namespace: 'many', name: `l${index}` },
    spec: { routingKey: 'many', host: `h${index}`, port: 1 },
  }))

const LONG = `{ ${list(19)
  .map(index => `a${index}: listeners(first: 1000) { edges { node { metadata { name namespace uid } } } }`)
  .join(' ')} }`

/** A WebSocket that was let in, and what it was sent since. */
const opened = async (hark: TestServer): Promise<{ socket: WebSocket; answered: Set<string> }> => {
  const socket = new WebSocket(`${hark.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send('{"type":"connection_init"}')
  await once(socket, 'message')
  const answered = new Set<string>()
  socket.on('message', data => {
    const { id, type } = JSON.parse(String(data))
    if (type === 'next') answered.add(id)
  })
  return { socket, answered }
}

const ask = (socket: WebSocket, id: string, query: string): void =>
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }))

test('server › answers a client while another has many long operations', async () => {
  await using hark = await TestServer.start({ server: { trustedProxies: ['127.0.0.1'] } })
  await hark.data(APPLY, { input: { manifests: listeners(200) } })
  const { socket, answered } = await opened(hark)
  const count = 30
  for (const index of list(count)) ask(socket, `${index}`, LONG)
  await eventually(() => answered.size > 0)
  const other = await hark.graphql('{ head }', {}, { 'x-forwarded-for': '192.0.2.1' })
  assert.equal(other.status, 200)
  assert.ok(answered.size < count / 2, `${answered.size} of ${count} came first`)
  await eventually(() => answered.size === count, 60_000)
  socket.terminate()
})

test('yieldToEventLoop › returns the same results for long lists', async () => {
  await using hark = await TestServer.start()
  await hark.data(APPLY, { input: { manifests: listeners(200) } })
  const names = async (first: number, after?: string): Promise<string[]> => {
    const { listeners: page } = await hark.data(
      `query Page($first: Int, $after: String) { listeners(first: $first, after: $after) {
        edges { node { metadata { name } matchingConnectors { name } } } pageInfo { endCursor hasNextPage }
      } }`,
      { first, after },
    )
    const here = page.edges.map(({ node }: { node: { metadata: { name: string } } }) => node.metadata.name)
    return page.pageInfo.hasNextPage ? [...here, ...(await names(first, page.pageInfo.endCursor))] : here
  }
  const all = await names(1000)
  assert.equal(all.length, 200)
  assert.deepEqual(await names(7), all)
  const twenty = (await hark.graphql(LONG)).data
  assert.deepEqual(twenty.a18, twenty.a0)
  assert.equal(twenty.a0.edges.length, 200)
})

test('OperationSlots › holds queries of a client with unread answers, and keeps nothing of one that left', async () => {
  const hits: string[] = []
  const slots = new OperationSlots({ ...DEFAULT_LIMITS, hit: limit => void hits.push(limit) })
  const [first, second, other] = ['one', 'one', 'other'].map(client => slots.acquire(client, 100))
  assert.equal(first!.startQuery(), undefined)
  first!.answered(9_000_000)
  let hasBegun = false
  const begun = second!.startQuery()?.then(() => {
    hasBegun = true
  })
  assert.equal(other!.startQuery(), undefined)
  await new Promise(resolve => setImmediate(resolve))
  assert.ok(!hasBegun)
  first!.release()
  await begun
  assert.ok(hasBegun)
  for (const slot of [first, second, other, other]) slot!.release()
  assert.equal(slots.size, 0)
})

test('OperationSlots › limits concurrent queries and pending bytes of a client', async () => {
  const hits: string[] = []
  const slots = new OperationSlots({ ...DEFAULT_LIMITS, hit: limit => void hits.push(limit) })
  const acquired = list(40).map(() => slots.acquire('one', 1_000_000))
  const begun = acquired.map(slot => slot.startQuery())
  assert.equal(begun.filter(wait => wait === undefined).length, 4)
  for (const slot of list(24).map(() => slots.acquire('one', 1_000_000))) assert.ok(slot)
  assert.throws(() => slots.acquire('one', 1_000_000), { code: 'UNAVAILABLE' })
  assert.deepEqual(hits, ['clientOperations'])
  for (const [index, slot] of acquired.entries()) {
    await begun[index]
    slot.release()
  }
  assert.ok(slots.acquire('one', 1_000_000))
})

test('SharedResults › renders a change once for subscribers with the same document, variables and grants', async () => {
  const given = await credentials()
  let made = 0
  await using hark = await TestServer.start({
    wrapEngine: engine => ({
      ...engine,
      read: {
        ...engine.read,
        matchingConnectors: row => {
          made += 1
          return engine.read.matchingConnectors(row)
        },
      },
    }),
    server: { authenticator: given.authenticator },
  })
  const [admin, west] = [given.make('alice', 'admin'), given.make('bob', 'viewer:many')]
  const query =
    'subscription { listeners(namespace: "many") { position listener { matchingConnectors { site name } } } }'
  const subscribers = [
    ...(await Promise.all(
      list(10).map(() => overWebSocket(hark.url, query, {}, { authorization: `Bearer ${admin}` })),
    )),
    ...(await Promise.all(list(10).map(() => overEvents(hark.url, query, {}, bearer(admin))))),
  ]
  const others = await Promise.all(list(5).map(() => overEvents(hark.url, query, {}, bearer(west))))
  const results = [...subscribers, ...others].map(live => live.next())
  await eventually(async () => {
    const { text } = await hark.get('/metrics', bearer(admin))
    return text.includes('hark_subscriptions_open 25\n')
  })
  const manifests = [
    ...listeners(1),
    { ...CONNECTOR, metadata: { namespace: 'many', name: 'c' }, spec: { ...CONNECTOR.spec, routingKey: 'many' } },
  ]
  const [listener, connector] = manifests
  await hark.graphql(APPLY, { input: { manifests: [listener] } }, bearer(admin))
  const texts = (await Promise.all(results)).map(result => JSON.stringify(result))
  assert.equal(new Set(texts).size, 1, texts[0])
  assert.equal(made, 2)
  const next = [...subscribers, ...others].map(live => live.next())
  await hark.graphql(APPLY, { input: { manifests: [connector] } }, bearer(admin))
  assert.equal(new Set((await Promise.all(next)).map(result => JSON.stringify(result))).size, 1)
  assert.equal(made, 4)
  for (const live of [...subscribers, ...others]) live.disconnect()
  given.dispose()
})

test('SharedResults › gives subscribers with equal grants no errors of each other', async () => {
  const given = await credentials()
  await using hark = await TestServer.start({ server: { authenticator: given.authenticator } })
  const query = 'subscription { events(namespace: "many") { position clientAddress } }'
  const names = ['bob', 'carol', 'dave']
  const subscribers = await Promise.all(
    names.map(name => overEvents(hark.url, query, {}, bearer(given.make(name, 'viewer:many')))),
  )
  const results = subscribers.map(live => live.next())
  const admin = bearer(given.make('alice', 'admin'))
  await eventually(async () => (await hark.get('/metrics', admin)).text.includes('hark_subscriptions_open 3\n'))
  await hark.graphql(APPLY, { input: { manifests: listeners(1) } }, admin)
  for (const [index, result] of (await Promise.all(results)).entries())
    assert.match(JSON.stringify(result), new RegExp(`${names[index]} may not`))
  for (const live of subscribers) live.disconnect()
  given.dispose()
})

test('CooperativeScheduler › serves lanes in rotation once a slice is used up, oldest work first', async () => {
  let now = 0
  const scheduler = new CooperativeScheduler(() => now)
  assert.equal(scheduler.next('a'), undefined)
  now += 100
  const order: string[] = []
  const work = async (name: string, lane: string, begun?: number): Promise<void> => {
    await scheduler.next(lane, begun)
    order.push(name)
    // Each piece takes longer than a slice: others have the event loop before the next.
    now += 100
  }
  const rounds: string[][] = []
  let isOver = false
  const look = (): void => {
    rounds.push([...order])
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  await Promise.all([
    work('a, begun second', 'a', 2),
    work('a, begun first', 'a', 1),
    work('a, fresh', 'a'),
    work('b', 'b'),
    work('a, fresh too', 'a'),
  ])
  isOver = true
  assert.deepEqual(order, ['a, fresh', 'b', 'a, fresh too', 'a, begun first', 'a, begun second'])
  const steps = rounds.map(({ length }, index) => length - (rounds[index - 1]?.length ?? 0))
  assert.ok(Math.max(...steps) <= 1, JSON.stringify(steps))
})

test('CooperativeScheduler › run defers work that no longer fits into the slice', async () => {
  let now = 0
  const scheduler = new CooperativeScheduler(() => now)
  const done: number[] = []
  for (const index of list(4)) {
    scheduler.run('closed connections', () => {
      done.push(index)
      now += 5
    })
  }
  assert.deepEqual(done, [0, 1])
  await eventually(() => done.length === 4)
  assert.deepEqual(done, [0, 1, 2, 3])
})

test('deferEvents › delivers events in slices and in order', async () => {
  let now = 0
  const scheduler = new CooperativeScheduler(() => now)
  const order: string[] = []
  const sockets = list(6).map(index => {
    const socket = new EventEmitter()
    for (const event of ['end', 'close'])
      socket.on(event, (...values) => {
        order.push(`${event} ${index}${values.join()}`)
        now += 5
      })
    deferEvents(socket, ['end', 'close'], work => scheduler.run('closed connections', work))
    return socket
  })
  for (const socket of sockets) socket.emit('end')
  for (const socket of sockets) socket.emit('close', ' at once')
  // The slice has room for two.
  assert.deepEqual(order, ['end 0', 'end 1'])
  await eventually(() => order.length === 12)
  assert.deepEqual(order, [...list(6).map(index => `end ${index}`), ...list(6).map(index => `close ${index} at once`)])
})
