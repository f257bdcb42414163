import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { DEFAULT_LIMITS } from '../../../src/config/limits.ts'
import { eventually } from '../../support/eventually.ts'
import fc from '../../support/fast-check.ts'
import { overEvents, overWebSocket } from '../../support/subscription-client.ts'
import { TestServer } from '../../support/test-server.ts'

const MOST = 20
const WATCHED = 'subscription { listeners { name } }'

/** One thing that a client does on its socket. */
type Step = string | 'pause' | 'close' | 'terminate'

const subscribe = (id: string, query: string): string => JSON.stringify({ id, type: 'subscribe', payload: { query } })
const complete = (id: string): string => JSON.stringify({ id, type: 'complete' })

const ids = fc.constantFrom('1', '2', '3', '__proto__')
const queries = fc.constantFrom(
  WATCHED,
  'subscription { events { position } }',
  'subscription { listener(namespace: "a", name: "a", from: {position: "0"}) { position } }',
  'subscription { ready(namespace: "none", name: "none") { status } }',
  '{ head }',
  '{ nothing }',
  'subscription { ',
)
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(ids, queries).map(([id, query]) => subscribe(id, query)) },
  { weight: 6, arbitrary: ids.map(complete) },
  // The protocol allows an id to be used again right after it was completed.
  { weight: 6, arbitrary: ids.map(id => `${complete(id)}\n${subscribe(id, WATCHED)}`) },
  { weight: 4, arbitrary: fc.constant<Step>('pause') },
  { weight: 1, arbitrary: fc.constantFrom('{"type":"ping"}', '{"type":"connection_init"}', '{"type":"pong"}') },
  { weight: 1, arbitrary: fc.constantFrom('no JSON', '[]', '{"type":"subscribe"}', '{"id":"","type":"complete"}') },
  { weight: 1, arbitrary: fc.constantFrom<Step>('close', 'terminate') },
)

const act = async (socket: WebSocket, step: Step): Promise<void> => {
  if (step === 'pause') await new Promise(resolve => setImmediate(resolve))
  else if (step === 'close') socket.close()
  else if (step === 'terminate') socket.terminate()
  else for (const message of step.split('\n')) if (socket.readyState === socket.OPEN) socket.send(message)
}

const withFew = (): Promise<TestServer> =>
  TestServer.start({ server: { limits: { ...DEFAULT_LIMITS, clientSubscriptions: MOST } } })

const open = async (hark: TestServer): Promise<WebSocket> => {
  const socket = new WebSocket(`${hark.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  return socket
}

const initialised = async (hark: TestServer): Promise<WebSocket> => {
  const socket = await open(hark)
  socket.send('{"type":"connection_init"}')
  await once(socket, 'message')
  return socket
}

test('WebSocket session › releases all subscriptions after any sequence of messages', async () => {
  await using hark = await withFew()
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(steps, { maxLength: 40 }), async (isGreeted, sent) => {
      const socket = isGreeted ? await initialised(hark) : await open(hark)
      socket.on('error', () => undefined)
      const closed = once(socket, 'close')
      for (const step of sent) await act(socket, step)
      socket.close()
      await closed
      await eventually(async () => (await hark.openSubscriptions()) === 0)
    }),
    { numRuns: 60, endOnFailure: true },
  )
  await using live = await overWebSocket(hark.url, 'subscription { listener(namespace: "a", name: "a") { position } }')
  assert.ok((await live.next())?.data)
  assert.deepEqual(hark.loggedErrors, [])
})

test('WebSocket session › keeps the newer operation when an id is used again after complete', async () => {
  await using hark = await withFew()
  const socket = await initialised(hark)
  const refused: string[] = []
  socket.on('message', data => {
    if (String(data).includes('"error"')) refused.push(String(data))
  })
  socket.send(subscribe('1', WATCHED))
  for (let turn = 0; turn < 3 * MOST; turn++) {
    socket.send(complete('1'))
    socket.send(subscribe('1', WATCHED))
  }
  socket.send('{"type":"ping"}')
  await eventually(async () => (await hark.openSubscriptions()) === 1)
  assert.deepEqual(refused, [])
  socket.terminate()
  await eventually(async () => (await hark.openSubscriptions()) === 0)
  await using _ = await overWebSocket(hark.url, WATCHED)
})

test('event stream › is released whenever its client disconnects', async () => {
  await using hark = await withFew()
  for (let turn = 0; turn < 2 * MOST; turn++) {
    const stream = await overEvents(hark.url, WATCHED)
    if (turn % 2 === 0) await eventually(async () => (await hark.openSubscriptions()) > 0)
    stream.disconnect()
    const leaving = new AbortController()
    const request = fetch(`${hark.url}/graphql?query=${encodeURIComponent(WATCHED)}`, {
      headers: { accept: 'text/event-stream' },
      signal: leaving.signal,
    })
    await new Promise(resolve => setImmediate(resolve))
    leaving.abort()
    await request.catch(() => undefined)
  }
  await eventually(async () => (await hark.openSubscriptions()) === 0)
})
