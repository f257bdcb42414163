import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { HelloWorld } from '../../src/simulator/hello-world.ts'
import { runInProcess } from '../cli/hark.ts'
import { eventually } from '../support/eventually.ts'
import { CREATE, createInput } from '../support/process/http-hark.ts'
import { RunningHark } from '../support/running-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { overEvents, overWebSocket, type TestSubscription } from '../support/subscription-client.ts'

const LISTENERS = 150
const CALLERS = 32
const MARKED = { namespace: 'west', name: 'marked' }
const UPDATE = 'mutation ($input: UpdatePortInput!) { updatePort(input: $input) { position } }'
const LISTENER = 'subscription { listener(namespace: "west", name: "marked") { position listener { spec { port } } } }'
const CONSOLE = `{
  listeners(first: 100) { totalCount edges { node { metadata { name } status { status } } } }
  eventDensity(buckets: 50) { total }
  statusLanes(first: 50) { totalCount }
}`

/** A collector of OpenTelemetry that only counts requests. */
const startCollector = async () => {
  let requests = 0
  const server = createServer((request, response) => {
    request.resume()
    requests += 1
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    [Symbol.dispose]: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The ports that a subscriber receives, from the first to the last one. */
const portsUntil = async (last: number, subscription: TestSubscription): Promise<readonly number[]> => {
  const ports: number[] = [1]
  while (ports.at(-1) !== last) {
    const result = await subscription.next()
    assert.ok(result, 'the subscription ended')
    assert.equal(result.errors, undefined)
    const { port } = result.data.listener.listener.spec
    if (port !== ports.at(-1)) ports.push(port)
  }
  return ports
}

test('everything together › maintenance beside subscribers, a router and traces loses and rejects nothing', async () => {
  await using folder = await scratchFolder()
  await using world = await HelloWorld.start()
  using collector = await startCollector()
  const data = join(folder.path, 'data')
  const router = world.west.url
  const hark = await RunningHark.start(['--data', data, '--router', `west=${router}`, '--checkpoint-seconds', '1'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  })
  try {
    await hark.ready()
    const done = async (query: string, variables: object = {}) => {
      const { errors, data: answer } = await hark.graphql(query, variables)
      assert.equal(errors, undefined)
      return answer
    }
    let created = 0
    const create = async (): Promise<void> => {
      while (created < LISTENERS) await done(CREATE, { input: createInput(created++) })
    }
    await Promise.all(Array.from({ length: CALLERS }, create))
    const spec = { routingKey: 'marked', host: 'marked', port: 1 }
    await done(CREATE, { input: { ...MARKED, spec } })

    await using events = await overEvents(hark.url, LISTENER)
    await using socket = await overWebSocket(hark.url, LISTENER)
    const received = [events, socket].map(async subscription => {
      const { data: first } = (await subscription.next()) ?? {}
      assert.equal(first.listener.listener.spec.port, 1)
      return subscription
    })
    const subscriptions = await Promise.all(received)

    const maintenance = new AbortController()
    const command = async (...args: string[]): Promise<void> => {
      const { status, stderr } = await runInProcess(args, { env: { HARK_SERVER: hark.url } })
      assert.equal(status, 0, `${args.join(' ')}: ${stderr}`)
    }
    const store = `sqlite:${join(data, 'events.db')}`
    const commands = Promise.all([
      command('backup', join(folder.path, 'copy.db'), '--data', data),
      command('export', join(folder.path, 'log.jsonl'), '--store', store),
      command('verify', '--data', data),
      command('audit', 'verify', '--data', data),
      command('timeline', 'listener', 'marked', '-n', 'west', '--store', store),
      // A compaction and a rebuild exclude each other.
      command('compact', '--older-than', '0s').then(() => command('rebuild', '--verify', '--server', hark.url)),
    ]).finally(() => maintenance.abort())
    const queries = (async () => {
      while (!maintenance.signal.aborted) {
        const { listeners } = await done(CONSOLE)
        assert.equal(listeners.totalCount, LISTENERS + 1)
      }
    })()
    let port = 1
    do {
      port += 1
      await done(UPDATE, { input: { ...MARKED, port } })
      assert.ok(process.kill(hark.pid, 'SIGHUP'))
    } while (!maintenance.signal.aborted)
    await Promise.all([commands, queries])

    const expected = Array.from({ length: port }, (_, index) => index + 1)
    for (const ports of await Promise.all(subscriptions.map(subscription => portsUntil(port, subscription))))
      assert.deepEqual(ports, expected)
    await eventually(async () =>
      world.west.entities('tcpListener').some(({ attributes }) => String(attributes.port) === String(port)),
    )
    await eventually(async () => collector.requests() > 0)
    await hark.stop()
    assert.equal(await hark.exitStatus(), 0)
  } finally {
    await hark.kill()
  }
  for (const args of [
    ['--data', data],
    ['--store', `sqlite:${join(folder.path, 'copy.db')}`],
    ['--store', join(folder.path, 'log.jsonl')],
  ]) {
    const { status, stderr } = await runInProcess(['verify', ...args])
    assert.equal(status, 0, stderr)
  }
})
