import assert from 'node:assert/strict'
import { type Declare, freePort, type Scene, socketOf, TYPE } from './fixtures.ts'
import { refusal } from './management.ts'
import { wordFrom, workload } from './workload.ts'

const ADDRESS = TYPE('listenerAddress')

const nameOf = (key: string, address: string): string => `${key}/${address}`

/** Creates a tcpListener with a strategy, and its addresses with their values. Returns its port. */
const createListener = async (
  { router, key, create }: Scene,
  multiAddressStrategy: 'priority' | 'weighted',
  values: Readonly<Record<string, number>>,
): Promise<number> => {
  const port = await freePort()
  await create(router, 'tcpListener', key, { host: '127.0.0.1', port: `${port}`, multiAddressStrategy })
  for (const [address, value] of Object.entries(values))
    await create(router, 'listenerAddress', nameOf(key, address), { address, value, listener: key })
  return port
}

const connect = ({ remote, create }: Scene, address: string, port: number) =>
  create(remote, 'tcpConnector', `connector/${address}`, { host: '127.0.0.1', port: `${port}`, address })

const answers = (scene: Scene, port: number, word: string) =>
  scene.soon(async () => (await wordFrom(port)) === word || undefined)

/** Listeners with several addresses, which routers have from 3.5 on. */
export const listenerAddresses = (it: Declare): void => {
  it('refuses an address before its listener, and one of a listener without a strategy', async scene => {
    const { router, key, create } = scene
    const attributes = { address: key, value: 1, listener: key }
    await assert.rejects(
      router.management.create(ADDRESS, `${key}/a`, attributes),
      refusal(500, /Listener for new address does not exist/),
    )
    await create(router, 'tcpListener', key, { host: '127.0.0.1', port: '5000', address: key })
    await assert.rejects(
      router.management.create(ADDRESS, `${key}/a`, attributes),
      refusal(500, /Must not assign new address to non multi-address listener/),
    )
  })

  it('refuses a listener with an address and a strategy', async ({ router, key }) => {
    const attributes = { host: '127.0.0.1', port: '5000', address: key, multiAddressStrategy: 'priority' }
    await assert.rejects(
      router.management.create(TYPE('tcpListener'), key, attributes),
      refusal(500, /Exactly one of the 'address' or 'multiAddressStrategy'/),
    )
  })

  it('refuses to delete a listener that has addresses', async scene => {
    const { router, key } = scene
    await createListener(scene, 'priority', { [`${key}-a`]: 1 })
    await assert.rejects(
      router.management.delete(TYPE('tcpListener'), key),
      refusal(500, /listenerAddress entities exist/),
    )
    await router.management.delete(ADDRESS, nameOf(key, `${key}-a`))
    await router.management.delete(TYPE('tcpListener'), key)
  })

  it('opens a socket only while one of the addresses has a connector', async scene => {
    const { router, remote, key } = scene
    const [first, second] = [`${key}-1`, `${key}-2`]
    await createListener(scene, 'priority', { [first]: 1, [second]: 0 })
    assert.deepEqual(await socketOf(router, key), { up: false, message: '' })
    await connect(scene, second, 1)
    await scene.soon(async () => (await socketOf(router, key)).up || undefined)
    await remote.management.delete(TYPE('tcpConnector'), `connector/${second}`)
    await scene.soon(async () => !(await socketOf(router, key)).up || undefined)
  })

  it('sends connections to the reachable address with the highest value', async scene => {
    const { remote, key } = scene
    await using one = await workload('one')
    await using two = await workload('two')
    const [first, second] = [`${key}-1`, `${key}-2`]
    const port = await createListener(scene, 'priority', { [first]: 1, [second]: 0 })
    await connect(scene, second, two.port)
    await answers(scene, port, 'two')
    await connect(scene, first, one.port)
    await answers(scene, port, 'one')
    await remote.management.delete(TYPE('tcpConnector'), `connector/${first}`)
    await answers(scene, port, 'two')
  })

  it('shares connections by weight, and replaces a weight by a new address', async scene => {
    const { router, key, create } = scene
    await using one = await workload('one')
    await using two = await workload('two')
    const [first, second] = [`${key}-1`, `${key}-2`]
    const port = await createListener(scene, 'weighted', { [first]: 1, [second]: 0 })
    await Promise.all([connect(scene, first, one.port), connect(scene, second, two.port)])
    await answers(scene, port, 'one')
    const name = nameOf(key, first)
    await create(router, 'listenerAddress', nameOf(key, `${second}-again`), {
      address: second,
      value: 1,
      listener: key,
    })
    await answers(scene, port, 'two')
    await router.management.delete(ADDRESS, name)
    await create(router, 'listenerAddress', name, { address: first, value: 1000, listener: key })
    await answers(scene, port, 'one')
  })

  it('refuses to change the value of an address', async scene => {
    const { bare, key } = scene
    const address = `${key}-a`
    await createListener(scene, 'weighted', { [address]: 1 })
    const answer = await bare.ask({ operation: 'UPDATE', type: ADDRESS, name: nameOf(key, address) }, { value: 2 })
    assert.ok(answer.statusCode >= 400, answer.statusDescription)
  })

  it('reports a listener record on the network for each address', async scene => {
    const { remote, key } = scene
    const addresses = [`${key}-1`, `${key}-2`]
    await createListener(scene, 'priority', { [`${key}-1`]: 1, [`${key}-2`]: 0 })
    for (const address of addresses)
      await scene.soon(
        () =>
          [...remote.network.endpoints()].some(
            ({ kind, routingKey }) => kind === 'listener' && routingKey === address,
          ) || undefined,
      )
  })

  it('refuses a query for an attribute that it does not have', async ({ router }) => {
    await assert.rejects(
      router.management.query(TYPE('tcpListener'), ['name', 'nothing']),
      refusal(404, /Unknown attributes \['nothing'\] for type io\.skupper\.router\.tcpListener/),
    )
  })
}
