import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Endpoint, LoopbackAddresses } from './address-map.ts'
import { SimulatedNetwork } from './network.ts'
import type { SimulatedRouter } from './router.ts'

const BACKEND: Endpoint = { host: 'hello-world-backend', port: 8080 }

const PROGRAM = 'report-server'

/** Compiled files end in .js. */
const programFile = new URL(`./report-server${import.meta.url.slice(-3)}`, import.meta.url)

const keyOf = (router: SimulatedRouter, { host, port }: Endpoint): string => `${router.id} ${host}:${port}`

const listening = async (server: Server): Promise<number> => {
  server.listen({ host: '127.0.0.1', port: 0, exclusive: true })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export class HelloWorld implements AsyncDisposable {
  readonly west: SimulatedRouter
  readonly east: SimulatedRouter
  readonly #network: SimulatedNetwork
  readonly #addresses = new LoopbackAddresses()
  readonly #servers: Server[] = []
  readonly #programs = new Set<ChildProcess>()
  readonly #holders = new Map<string, ChildProcess>()

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

  /** The program ends with this process at the latest. */
  async takeEndpoint(router: SimulatedRouter, endpoint: Endpoint): Promise<{ end(): Promise<void> }> {
    const { port } = this.#addresses.of(router.id, endpoint)
    const program = fork(programFile, [PROGRAM, String(port)], { execArgv: [] })
    this.#programs.add(program)
    const ended = new AbortController()
    program.once('exit', () => ended.abort())
    const [actual] = await once(program, 'message', { signal: ended.signal })
    this.#addresses.set(router.id, endpoint, actual as number)
    this.#holders.set(keyOf(router, endpoint), program)
    return { end: () => this.#endProgram(program) }
  }

  holderOf(router: SimulatedRouter, endpoint: Endpoint): { readonly name: string; readonly pid: number } | undefined {
    const pid = this.#holders.get(keyOf(router, endpoint))?.pid
    return pid === undefined ? undefined : { name: PROGRAM, pid }
  }

  async #endProgram(program: ChildProcess): Promise<void> {
    this.#programs.delete(program)
    for (const [key, holder] of this.#holders) if (holder === program) this.#holders.delete(key)
    if (program.exitCode !== null || program.signalCode !== null) return
    program.kill()
    await once(program, 'exit')
  }

  async #listen(router: SimulatedRouter, endpoint: Endpoint, body: string): Promise<void> {
    const server = createServer((_, response) => response.end(body))
    this.#servers.push(server)
    this.#addresses.set(router.id, endpoint, await listening(server))
  }

  async #endServer(server: Server): Promise<void> {
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
    await Promise.all([
      ...this.#servers.map(server => this.#endServer(server)),
      ...[...this.#programs].map(program => this.#endProgram(program)),
    ])
  }
}
