import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { freePort } from '../contract/router/fixtures.ts'
import { eventually, inTime } from '../support/eventually.ts'
import { allEvents, CREATE, createInput } from '../support/process/http-hark.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { RunningHark } from '../support/running-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { overEvents } from '../support/subscription-client.ts'

const CONNECTIONS = 32
const BEFORE = 200
/** Less than the 25 s after which Hark exits by force. */
const WITHIN_MS = 20_000

/** Subscribes over a WebSocket; returns every message and the close code. */
const subscribed = async (url: string) => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const messages: { readonly type: string; readonly payload?: { readonly errors?: unknown } }[] = []
  socket.on('message', data => messages.push(JSON.parse(String(data))))
  await once(socket, 'open')
  socket.send('{"type":"connection_init"}')
  await eventually(() => messages.some(({ type }) => type === 'connection_ack'))
  socket.send(
    '{"type":"subscribe","id":"1","payload":{"query":"subscription { listeners(namespace: \\"none\\") { name } }"}}',
  )
  return { messages, closed: once(socket, 'close') as Promise<[number, Buffer]> }
}

test('SIGTERM › finishes commands in flight, rejects new ones, and ends subscriptions with a reason', async () => {
  await using folder = await scratchFolder()
  const args = ['--data', folder.path]
  const hark = await RunningHark.start(args)
  await hark.ready()
  await using events = await overEvents(hark.url, 'subscription { listeners(namespace: "none") { name } }')
  const socket = await subscribed(hark.url)
  await eventually(async () => (await hark.metric('hark_subscriptions_open')) === 2)

  const answered = new Set<number>()
  const codes = new Set<string>()
  let next = 0
  const enough = Promise.withResolvers<void>()
  const send = async (): Promise<void> => {
    for (;;) {
      const index = next++
      // Without a listening socket there is no response.
      const result = await hark.graphql(CREATE, { input: createInput(index) }).catch(() => undefined)
      if (result === undefined) return
      if (result.errors === undefined) answered.add(index)
      for (const { extensions } of result.errors ?? []) codes.add(extensions.code)
      if (answered.size >= BEFORE) enough.resolve()
    }
  }
  const sending = Promise.all(Array.from({ length: CONNECTIONS }, send))
  await enough.promise
  await inTime(WITHIN_MS, Promise.all([hark.stop(), sending]))
  assert.equal(await hark.exitStatus(), 0)
  assert.deepEqual(
    [...codes].filter(code => code !== 'UNAVAILABLE'),
    [],
  )

  const farewell = await events.next()
  assert.equal(farewell?.errors?.[0]?.extensions.code, 'UNAVAILABLE')
  assert.match(farewell?.errors?.[0]?.message ?? '', /shutting down/)
  const [code, reason] = await socket.closed
  assert.deepEqual([code, String(reason)], [1001, 'Hark is shutting down'])
  assert.match(JSON.stringify(socket.messages), /shutting down/)

  await using again = await ServedHark.start(args)
  await again.ready()
  const streams = new Set((await allEvents(again)).map(({ stream }) => stream))
  for (const index of answered) assert.ok(streams.has(`listener-shop.listener-${index}`), `${index} was answered`)
})

test('SIGTERM › ends an engine whose store has never responded', async () => {
  await using folder = await scratchFolder()
  const port = await freePort()
  const router = `west=amqp://127.0.0.1:${await freePort()}`
  const stops = async (name: string, args: readonly string[]): Promise<void> => {
    const data = join(folder.path, name)
    await using hark = await RunningHark.start([
      '--data',
      data,
      '--store',
      `esdb://127.0.0.1:${port}?tls=false`,
      ...args,
    ])
    assert.equal((await hark.readiness()).status, 503)
    await inTime(WITHIN_MS, hark.stop())
    assert.equal(await hark.exitStatus(), 0)
  }
  await Promise.all([stops('alone', []), stops('driving', ['--router', router])])
})
