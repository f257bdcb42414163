import { once } from 'node:events'
import { createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Endpoint, LoopbackAddresses } from './address-map.ts'
import { SimulatedNetwork } from './network.ts'
import type { SimulatedRouter } from './router.ts'

const BACKEND: Endpoint = { host: 'hello-world-backend', port: 8080 }

const listening = async (server: Server, port = 0): Promise<number> => {
  server.listen({ host: '127.0.0.1', port, exclusive: true })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export class HelloWorld implements AsyncDisposable {
  readonly west: SimulatedRouter
  readonly east: SimulatedRouter
  readonly #network: SimulatedNetwork
  readonly #addresses = new LoopbackAddresses()
  readonly #servers: Server[] = []

  private constructor() {
    this.#network = new SimulatedNetwork({ addresses: this.#addresses })
    this.west = this.#network.addRouter({ id: 'west' })
    this.east = this.#network.addRouter({ id: 'east' })
  }

  static async start(): Promise<HelloWorld> {
    const world = new HelloWorld()
    await world.#listen(world.east, BACKEND, 'Hello from the backend in the east')
    await Promise.all([world.west.start(), world.east.start()])
    world.#network.link(world.west, world.east)
    return world
  }

  async takeEndpoint(router: SimulatedRouter, endpoint: Endpoint): Promise<{ end(): Promise<void> }> {
    const server = await this.#listen(router, endpoint, 'This is another program')
    return { end: () => this.#end(server) }
  }

  async #listen(router: SimulatedRouter, endpoint: Endpoint, body: string): Promise<Server> {
    const server = createServer((_, response) => response.end(body))
    this.#servers.push(server)
    this.#addresses.set(router.id, endpoint, await listening(server, this.#addresses.of(router.id, endpoint).port))
    return server
  }

  async #end(server: Server): Promise<void> {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }

  async get(router: SimulatedRouter, endpoint: Endpoint): Promise<string> {
    const { host, port } = this.#addresses.of(router.id, endpoint)
    const request = get({ host, port, agent: false })
    const [response] = await once(request, 'response')
    return text(response)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network.stop()
    await Promise.all(this.#servers.map(server => this.#end(server)))
  }
}
