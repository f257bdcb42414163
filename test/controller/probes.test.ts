import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type Server, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { retryWhilePortInUse } from '../../src/lib/retry.ts'
import { freePort } from '../contract/router/fixtures.ts'
import { clock, eventually } from '../fakes/virtual-clock.ts'
import { conditionOf, isReady, RouterTestbed, type Watch, WEST } from '../support/router-testbed.ts'

/** A server that takes connections, and ends them when its clients do. */
class Workload implements AsyncDisposable {
  readonly port: number
  readonly #clients = new Set<Socket>()
  #server: Server | undefined

  constructor(port: number) {
    this.port = port
  }

  async start(): Promise<void> {
    this.#server = await retryWhilePortInUse(async () => {
      const server = net.createServer(client => {
        this.#clients.add(client)
        client.on('error', () => undefined).on('close', () => this.#clients.delete(client))
      })
      await once(server.listen(this.port, '127.0.0.1'), 'listening')
      return server
    })
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const client of this.#clients) client.destroy()
    if (server !== undefined) await new Promise(resolve => server.close(resolve))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

const PROBED = { settings: { probe: 'tcp', probeIntervalSeconds: '1' } }
const reachable = (type: 'Reachable' | 'Ready') => (listener: Parameters<typeof isReady>[0]) =>
  conditionOf(listener, type)?.status
const isUnreached = (listener: Parameters<typeof isReady>[0]) => reachable('Reachable')(listener) === 'False'

describe('a probed listener', { concurrency: true }, () => {
  let testbed: RouterTestbed
  before(async () => {
    testbed = await RouterTestbed.start()
    await testbed.settled()
  })
  after(() => testbed[Symbol.asyncDispose]())

  const begin = async (name: string, connector: object): Promise<Watch> => {
    const watch = await testbed.watch(name)
    await testbed.createConnector(name, connector)
    await testbed.createListener(name, { ...PROBED, port: await freePort() })
    return watch
  }
  const typesOf = async (name: string) =>
    (await testbed.events(WEST)).filter(({ data }) => data.name === name).map(({ type }) => type)

  test('is Ready only while its workload answers, with one event for each change', async () => {
    await using workload = new Workload(await freePort())
    await workload.start()
    const watch = await begin('workload', { port: workload.port })
    await watch.until(isReady)
    await workload.stop()
    const { listener } = await watch.until(isUnreached)
    const { reason, message } = conditionOf(listener, 'Reachable')
    assert.equal(reason, 'Error')
    assert.match(message, /^127\.0\.0\.1:\d+ closed the connection immediately: no workload accepted it$/)
    assert.deepEqual([listener.status.status, listener.status.message], ['Error', message])
    assert.equal(conditionOf(listener, 'Configured').status, 'True')
    const stoppedAt = clock.now()
    await workload.start()
    await watch.until(isReady, { since: stoppedAt })
    assert.deepEqual(
      (await typesOf('workload')).filter(type => /Reached|Inconclusive/.test(type)),
      ['ListenerReached', 'ListenerNotReached', 'ListenerReached'],
    )
  })

  test('is not Ready if the host of its connector cannot be looked up', async () => {
    const watch = await begin('unresolved', { host: 'no-such-host.invalid' })
    const { listener } = await watch.until(isUnreached)
    assert.match(conditionOf(listener, 'Reachable').message, /no workload responded$/)
    assert.ok(!watch.changes.some(({ listener }) => isReady(listener)))
  })

  test('is not Ready if the workload resets the connection', async () => {
    await using server = net
      .createServer(client => client.on('error', () => undefined).destroy())
      .listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as net.AddressInfo
    const watch = await begin('broken-off', { port })
    const { listener } = await watch.until(isUnreached)
    assert.equal(conditionOf(listener, 'Ready').status, 'False')
  })

  test('is probed only while it is open, and again for each generation', async () => {
    await using workload = new Workload(await freePort())
    await workload.start()
    const watch = await begin('moved', { port: workload.port })
    await watch.until(isReady)
    const port = await freePort()
    const movedAt = clock.now()
    await testbed.data('mutation ($input: UpdatePortInput!) { updatePort(input: $input) { position } }', {
      input: { namespace: WEST, name: 'moved', port },
    })
    await watch.until(isReady, { since: movedAt })
    const ofMoved = (await testbed.events(WEST)).filter(({ data }) => data.name === 'moved')
    const order = ofMoved.map(({ type, data }) => `${type} ${data.generation}`)
    const opened = order.indexOf('ListenerOpened 2')
    assert.ok(opened > 0 && order.indexOf('ListenerReached 2') > opened, order.join(', '))
    await testbed.deleteConnector('moved')
    // That its socket closed may be reported before the reason why.
    const { listener } = await watch.until(
      listener => conditionOf(listener, 'Reachable').message === 'Not probed: No matching connectors',
      { since: movedAt },
    )
    assert.equal(conditionOf(listener, 'Reachable').status, 'Unknown')
  })

  test('has the condition Reachable, which others do not have', async () => {
    await testbed.createListener('unprobed', { port: await freePort() })
    await testbed.createListener('probed', { ...PROBED, port: await freePort() })
    const types = async (name: string) => (await testbed.listener(name)).status.conditions.map(({ type }) => type)
    assert.deepEqual(await types('unprobed'), ['Configured', 'Matched', 'Ready'])
    assert.deepEqual(await types('probed'), ['Configured', 'Matched', 'Ready', 'Reachable'])
    const messages = async (name: string) => {
      const query = `query ($namespace: String!, $name: String!) { listener(namespace: $namespace, name: $name) {
        conditionTimeline(type: Reachable) { intervals { status message } } } }`
      const { listener } = await testbed.data(query, { namespace: WEST, name })
      return listener.conditionTimeline.intervals.map(({ message }: { message: string }) => message)
    }
    assert.deepEqual(await messages('unprobed'), ['There was no such listener, or it had no probe'])
    await eventually(async () => (await messages('probed')).at(-1) === 'Not probed: No matching connectors')
  })

  test('is counted in the metrics by the result of its probes', async () => {
    const count = async (result: string): Promise<number> => {
      const text = await (await fetch(`${testbed.url}/metrics`)).text()
      const start = `hark_router_probes_total{namespace="west",result="${result}"} `
      return Number(
        text
          .split('\n')
          .find(line => line.startsWith(start))
          ?.slice(start.length),
      )
    }
    await begin('counted', { port: await freePort() })
    await eventually(async () => (await count('notReached')) > 0)
    assert.equal(await count('inconclusive'), 0)
  })
})

test('a listener without a probe › stays Ready while its workload is down', async () => {
  await using testbed = await RouterTestbed.start()
  const watch = await testbed.watch('trusting')
  await testbed.createConnector('trusting', { port: await freePort() })
  await testbed.createListener('trusting', { port: await freePort() })
  const { listener } = await watch.until(isReady)
  assert.equal(listener.status.conditions.length, 3)
})

test('a probed listener › loses its finding with its router', async () => {
  await using workload = new Workload(await freePort())
  await workload.start()
  await using testbed = await RouterTestbed.start({ graceSeconds: 1 })
  const watch = await testbed.watch('lost')
  await testbed.createConnector('lost', { port: workload.port })
  await testbed.createListener('lost', { ...PROBED, port: await freePort() })
  await watch.until(isReady)
  const lostAt = clock.now()
  await testbed.west.kill()
  const { listener } = await watch.until(given => reachable('Reachable')(given) === 'Unknown', { since: lostAt })
  assert.equal(conditionOf(listener, 'Reachable').reason, 'RouterUnreachable')
  await workload.stop()
  await testbed.west.start()
  const { at } = await watch.until(isUnreached, { since: lostAt })
  assert.ok(!watch.changes.some(change => change.at > lostAt && change.at < at && isReady(change.listener)))
})
