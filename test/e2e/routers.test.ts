import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { SimulatedNetwork, type SimulatedRouter } from '../../src/simulator/network.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import { eventually } from '../support/eventually.ts'
import type { HttpHark } from '../support/process/http-hark.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { seededRandom } from '../support/random.ts'
import { RunningHark } from '../support/running-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const APPLY = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { action } } }'
const EVENTS = '{ events(namespace: "west", first: 1000) { edges { node { type data } } } }'

const listeners = (prefix: string, count: number): { manifests: object[]; commandId: string } => ({
  manifests: Array.from({ length: count }, (_, index) => ({
    apiVersion: 'skupper.io/v2alpha1',
    kind: 'Listener',
    metadata: { name: `${prefix}-${index}`, namespace: 'west' },
    spec: { routingKey: `${prefix}-${index}`, host: `${prefix}-${index}`, port: 8080 },
  })),
  commandId: prefix,
})

const entityNames = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `listener/${prefix}-${index}`).sort()

const startRouter = async (): Promise<{ router: SimulatedRouter } & AsyncDisposable> => {
  const network = new SimulatedNetwork({ random: seededRandom() })
  const router = network.addRouter({ id: 'west' })
  await router.start()
  return { router, [Symbol.asyncDispose]: () => network.stop() }
}

const has = (router: SimulatedRouter): string[] =>
  router
    .entities('tcpListener')
    .map(({ name }) => name)
    .sort()

const configuredCount = async (hark: HttpHark): Promise<number> => {
  const { data } = await hark.graphql(
    '{ listeners(namespace: "west", first: 1000) { edges { node { status { conditions { type status } } } } } }',
  )
  const isConfigured = ({ type, status }: { type: string; status: string }) =>
    type === 'Configured' && status === 'True'
  return data.listeners.edges.filter(({ node }: { node: { status: { conditions: [] } } }) =>
    node.status.conditions.some(isConfigured),
  ).length
}

const eventsOf = async (hark: HttpHark): Promise<string[]> =>
  (await hark.graphql(EVENTS)).data.events.edges.map(({ node }: { node: object }) => JSON.stringify(node))

const drivers = async (hark: HttpHark): Promise<number> =>
  (await eventsOf(hark)).filter(event => event.includes('RouterDriverChanged')).length

describe('routers', () => {
  test('hold each of 500 listeners once, although hark serve is killed while it applies them', async () => {
    await using started = await startRouter()
    const { router } = started
    await using folder = await scratchFolder()
    const args = ['--data', folder.path, '--router', `west=${router.url}`]
    const input = listeners('shop', 500)

    const first = await RunningHark.start(args)
    const applied = first.graphql(APPLY, { input }).catch(() => undefined)
    await eventually(() => has(router).length > 100)
    await first.kill()
    await applied
    assert.ok(has(router).length < 500, `it was done already: ${has(router).length}`)

    await using second = await ServedHark.start(args)
    const { errors } = await second.graphql(APPLY, { input })
    assert.equal(errors, undefined)
    await eventually(async () => (await configuredCount(second)) === 500)
    assert.deepEqual(has(router), entityNames('shop', 500))
    for (const name of has(router)) assert.equal(router.creationCount(name), 1, name)
  })

  test('are managed by one of two engines, and the other takes over without repeating anything', async () => {
    await using started = await startRouter()
    const { router } = started
    await using folder = await scratchFolder()
    await using double = await new FakeEventStoreDb().start()
    const serve = (name: string) =>
      RunningHark.start([
        ...['--store', double.connectionString],
        ...['--data', join(folder.path, name)],
        ...['--router', `west=${router.url}`],
      ])
    await using one = await serve('one')
    await eventually(async () => (await drivers(one)) === 1)
    await using other = await serve('other')
    await other.ready()

    const apply = async (hark: HttpHark, prefix: string) => {
      const { errors } = await hark.graphql(APPLY, { input: listeners(prefix, 20) })
      assert.equal(errors, undefined)
    }
    // A command to the standby engine reaches the router as well.
    await apply(other, 'before')
    await eventually(() => has(router).length === 20)
    assert.equal(await drivers(other), 1)

    one.pause()
    await apply(other, 'meanwhile')
    await eventually(() => has(router).length === 40)
    assert.equal(await drivers(other), 2)

    one.resume()
    await apply(one, 'after')
    await eventually(async () => (await configuredCount(one)) === 60)
    assert.equal(await drivers(one), 2)

    await other.kill()
    await apply(one, 'alone')
    await eventually(() => has(router).length === 80)
    await eventually(async () => (await configuredCount(one)) === 80)

    for (const name of has(router)) assert.equal(router.creationCount(name), 1, name)
    const all = await eventsOf(one)
    assert.equal(all.filter(event => event.includes('RouterUnobserved')).length, 2)
    const events = all.filter(event => !/RouterDriverChanged|RouterConnected/.test(event))
    assert.equal(new Set(events).size, events.length)
  })
})
