import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { type Declare, freePort, holdPort, type Scene, socketOf, TYPE } from './fixtures.ts'

const LISTENER = TYPE('tcpListener')
const CONNECTOR = TYPE('tcpConnector')

const onPort = (port: number, address: string) => ({ host: '127.0.0.1', port: `${port}`, address })

const canConnect = async (port: number): Promise<boolean> => {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const isUp = (scene: Scene, name: string) => async () => (await socketOf(scene.router, name)).up || undefined
const isDown = (scene: Scene, name: string) => async () => !(await socketOf(scene.router, name)).up || undefined

/** When sockets open and close, and the messages if they cannot. */
export const listening = (it: Declare): void => {
  it('opens a socket only while the address has a connector', async scene => {
    const { router, remote, key, create } = scene
    const port = await freePort()
    await create(router, 'tcpListener', key, onPort(port, key))
    assert.deepEqual(await socketOf(router, key), { up: false, message: '' })
    assert.equal(await canConnect(port), false)
    await create(remote, 'tcpConnector', `connector/${key}`, onPort(1, key))
    await scene.soon(isUp(scene, key))
    assert.equal(await canConnect(port), true)
    await remote.management.delete(CONNECTOR, `connector/${key}`)
    await scene.soon(isDown(scene, key))
    assert.deepEqual(await socketOf(router, key), { up: false, message: '' })
    assert.equal(await canConnect(port), false)
  })

  it('opens a socket immediately for its own connector', async scene => {
    const { router, key, create } = scene
    await create(router, 'tcpConnector', `connector/${key}`, onPort(1, key))
    await create(router, 'tcpListener', key, onPort(await freePort(), key))
    await scene.soon(isUp(scene, key), 400)
  })

  it('forwards between a client and the workload', async scene => {
    const { router, remote, key, create } = scene
    await using workload = await holdPort()
    const port = await freePort()
    await create(router, 'tcpListener', key, onPort(port, key))
    await create(remote, 'tcpConnector', `connector/${key}`, onPort(workload.port, key))
    await scene.soon(isUp(scene, key))
    const client = net.connect(port, '127.0.0.1')
    const [answer] = await once(client, 'data')
    assert.equal(String(answer), 'hello\n')
    client.destroy()
  })

  it('reports a port that is in use, and does not retry by itself', async scene => {
    const { router, remote, key, create } = scene
    const held = await holdPort()
    await create(router, 'tcpListener', key, onPort(held.port, key))
    await create(remote, 'tcpConnector', `connector/${key}`, onPort(1, key))
    const message = `Address already in use - listen on 127.0.0.1:${held.port}`
    await scene.soon(async () => (await socketOf(router, key)).message === message || undefined)
    await held[Symbol.asyncDispose]()
    assert.deepEqual(await socketOf(router, key), { up: false, message })
    await router.management.delete(LISTENER, key)
    await router.management.create(LISTENER, key, onPort(held.port, key))
    await scene.soon(isUp(scene, key))
  })

  it('reports the port of another listener as in use', async scene => {
    const { router, key, create } = scene
    const port = await freePort()
    const second = `${key}-2`
    await create(router, 'tcpConnector', `connector/${key}`, onPort(1, key))
    await create(router, 'tcpListener', key, onPort(port, key))
    await scene.soon(isUp(scene, key))
    await create(router, 'tcpListener', second, onPort(port, key))
    const message = `Address already in use - listen on 127.0.0.1:${port}`
    await scene.soon(async () => (await socketOf(router, second)).message === message || undefined)
  })

  it('reports a host that cannot be looked up', async scene => {
    const { router, key, create } = scene
    await create(router, 'tcpConnector', `connector/${key}`, onPort(1, key))
    await create(router, 'tcpListener', key, { host: 'nowhere.invalid', port: '5000', address: key })
    await scene.soon(
      async () => /- listen on nowhere.invalid:5000$/.test(String((await socketOf(router, key)).message)) || undefined,
    )
  })

  it('gives the socket of a deleted listener to the next one', async scene => {
    const { router, key, create } = scene
    const port = await freePort()
    await create(router, 'tcpConnector', `connector/${key}`, onPort(1, key))
    await create(router, 'tcpListener', key, onPort(port, key))
    await scene.soon(isUp(scene, key))
    const second = `${key}-2`
    await Promise.all([
      router.management.delete(LISTENER, key),
      create(router, 'tcpListener', second, onPort(port, key)),
    ])
    await scene.soon(isUp(scene, second))
  })
}
