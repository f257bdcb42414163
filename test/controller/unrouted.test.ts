import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Output, runInProcess, start } from '../cli/hark.ts'
import { freePort } from '../contract/router/fixtures.ts'
import { eventually } from '../support/eventually.ts'
import { RouterTestbed } from '../support/router-testbed.ts'
import { overEvents, type TestSubscription } from '../support/subscription-client.ts'

const manifest = (kind: string, namespace: string, name: string, spec: object): object => ({
  apiVersion: 'skupper.io/v2alpha1',
  kind,
  metadata: { name, namespace },
  spec,
})

/** As Skupper's samples declare a workload: by the labels of its pods. */
const selecting = (port: number) =>
  manifest('Connector', 'east', 'backend', { routingKey: 'backend', selector: 'app=backend', port })
/** Skupper routes TCP alone. */
const datagrams = (port: number) =>
  manifest('Listener', 'west', 'dns', { routingKey: 'dns', host: 'dns', port, type: 'udp' })
const datagramsTarget = (port: number) =>
  manifest('Connector', 'west', 'dns', { routingKey: 'dns', host: '10.0.0.1', port, type: 'udp' })
const pods = (port: number) =>
  manifest('Connector', 'west', 'pods', { routingKey: 'pods', selector: 'app=pods', port, exposePodsByName: true })

/** The values that a subscriber receives during the test, as text. */
class Subscriber {
  readonly #live: TestSubscription
  text = ''

  constructor(live: TestSubscription) {
    this.#live = live
    void this.#follow().catch(() => undefined)
  }

  async #follow(): Promise<void> {
    for (let result = await this.#live.next(); result !== undefined; result = await this.#live.next())
      this.text += `${JSON.stringify(result)}\n`
  }

  leave(): void {
    this.#live.disconnect()
  }
}

const LISTENER = '{ eventType listener { metadata { name } spec { port } } }'
const SUBSCRIPTIONS = {
  listener: `listener(namespace: "west", name: "last") ${LISTENER}`,
  listeners: `listeners ${LISTENER}`,
  'listeners of a namespace': `listeners(namespace: "west") ${LISTENER}`,
  hasMatchingConnector: 'hasMatchingConnector(namespace: "west", name: "first") { value }',
  ready: 'ready(namespace: "west", name: "first") { status }',
  routerConfig: 'routerConfig(namespace: "west") { added { name } }',
  events: 'events(namespace: "west") { type data }',
} as const

test('resources that no router supports › can be created, changed and deleted, without an effect on others', async () => {
  await using testbed = await RouterTestbed.start()
  const apply = async (...manifests: readonly object[]) => {
    const outcome = await runInProcess(['apply', '-f', '-'], {
      env: { HARK_SERVER: testbed.url },
      input: manifests.map(each => JSON.stringify(each)).join('\n---\n'),
    })
    assert.equal(outcome.status, 0, outcome.stderr)
  }
  const removed = async (kind: string, namespace: string, name: string) => {
    const outcome = await runInProcess(['delete', kind, name, '-n', namespace], { env: { HARK_SERVER: testbed.url } })
    assert.equal(outcome.status, 0, outcome.stderr)
  }
  const tcp = async (name: string) =>
    manifest('Listener', 'west', name, { routingKey: name, host: '127.0.0.1', port: await freePort() })
  await apply(await tcp('first'))

  const subscribers = new Map<string, Subscriber>()
  for (const [kind, field] of Object.entries(SUBSCRIPTIONS))
    subscribers.set(kind, new Subscriber(await overEvents(testbed.url, `subscription { ${field} }`)))
  const watch = start(['get', 'listeners', '-n', 'west', '-w'], { env: { HARK_SERVER: testbed.url } })
  const watched = new Output(watch.stdout!)
  try {
    await watched.until(/^first /m)
    // The watch lists first, and then subscribes.
    const open = new RegExp(`^hark_subscriptions_open ${subscribers.size + 1}$`, 'm')
    await eventually(async () => open.test(await (await fetch(`${testbed.url}/metrics`)).text()))
    for (const port of [8081, 8082]) await apply(selecting(port), datagrams(port), datagramsTarget(port), pods(port))
    await removed('connector', 'east', 'backend')
    await removed('listener', 'west', 'dns')
    await removed('connector', 'west', 'dns')
    await removed('connector', 'west', 'pods')
    // Each receives the changes after that.
    await apply(
      await tcp('last'),
      manifest('Connector', 'east', 'first', { routingKey: 'first', host: '127.0.0.1', port: 1 }),
    )
    const expected: Record<keyof typeof SUBSCRIPTIONS, RegExp> = {
      listener: /"ListenerCreated".*"last"/,
      listeners: /"ListenerCreated".*"last"/,
      'listeners of a namespace': /"ListenerCreated".*"last"/,
      hasMatchingConnector: /"value":true/,
      ready: /"status":"True"/,
      routerConfig: /"added":\[\{"name":"listener\/last"\}\]/,
      events: /"ListenerCreated".*"last"/,
    }
    for (const [kind, words] of Object.entries(expected))
      await eventually(() => words.test(subscribers.get(kind)?.text ?? '')).catch(error => {
        throw new Error(`${kind}: ${subscribers.get(kind)?.text}`, { cause: error })
      })
    await watched.until(/^last /m)
    await eventually(() => testbed.entityNames(testbed.west, 'tcpListener').includes('listener/last'))
    assert.deepEqual(testbed.entityNames(testbed.west, 'tcpListener'), ['listener/first', 'listener/last'])
    assert.deepEqual(testbed.entityNames(testbed.west, 'tcpConnector'), [])
    assert.match(watched.text, /^dns +Deleted/m)
    assert.match(subscribers.get('listeners')?.text ?? '', /"dns".*8082/)
  } finally {
    watch.kill()
    for (const subscriber of subscribers.values()) subscriber.leave()
  }
})
