import assert from 'node:assert/strict'
import type { NetworkEndpoint } from '../../../src/router/vanflow/network-view.ts'
import { type Declare, type Scene, TYPE } from './fixtures.ts'

const endpointOf =
  ({ router, key }: Pick<Scene, 'router' | 'key'>, kind: NetworkEndpoint['kind']) =>
  () =>
    [...router.network.endpoints()].find(endpoint => endpoint.kind === kind && endpoint.routingKey === key)

/** VanFlow's view of the network. */
export const vanflowContract = (it: Declare): void => {
  it('reports the routers and their sites within 5 s', async scene => {
    const { router } = scene
    await scene.soon(() => {
      const routers = [...router.network.routers()]
      return (routers.length >= 2 && routers.every(({ identity }) => router.network.isSettled(identity))) || undefined
    }, 5500)
    for (const { name, site } of router.network.routers()) {
      assert.match(name ?? '', /^0\//)
      assert.ok(site)
    }
  })

  it('reports a connector of the other router, and its end', async scene => {
    const { remote, router, key, create } = scene
    await scene.soon(() => [...router.network.routers()].length >= 2 || undefined)
    await create(remote, 'tcpConnector', `connector/${key}`, { host: '127.0.0.1', port: '8081', address: key })
    const { identity, name, host, port } = await scene.soon(endpointOf(scene, 'connector'), 3000)
    assert.deepEqual([name, host, port], [`connector/${key}`, '127.0.0.1', '8081'])
    // A record may arrive before that of its site.
    await scene.soon(() => router.network.endpoint(identity)?.site, 3000)
    await remote.management.delete(TYPE('tcpConnector'), `connector/${key}`)
    await scene.soon(() => router.network.endpoint(identity) === undefined || undefined, 3000)
  })

  it('reports a listener without a connector', async scene => {
    const { router, key, create } = scene
    await create(router, 'tcpListener', `listener/${key}`, { host: '127.0.0.1', port: '5000', address: key })
    assert.equal((await scene.soon(endpointOf(scene, 'listener'))).name, `listener/${key}`)
  })

  it('reports earlier records to later clients', async scene => {
    const { remote, router, key, create } = scene
    await create(router, 'tcpConnector', `connector/${key}`, { host: '127.0.0.1', port: '8081', address: key })
    await scene.soon(endpointOf({ router: remote, key }, 'connector'))
    await scene.soon(endpointOf(scene, 'connector'))
  })

  it('notifies with the identity of what has changed', async scene => {
    const { router, remote, key, create } = scene
    await scene.soon(() => [...router.network.routers()].length >= 2 || undefined)
    const notified: string[] = []
    router.network.onChange(identities => notified.push(...identities))
    await create(remote, 'tcpConnector', `connector/${key}`, { host: '127.0.0.1', port: '8081', address: key })
    const { identity } = await scene.soon(endpointOf(scene, 'connector'))
    assert.ok(notified.includes(identity))
  })

  it('settles unknown identities once every source is known', async scene => {
    const { router } = scene
    assert.equal(router.network.isSettled('unknown:1'), false)
    await scene.soon(() => router.network.isSettled('unknown:1') || undefined, 20_000)
  })
}
