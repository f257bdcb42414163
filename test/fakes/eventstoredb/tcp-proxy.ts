import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { retryWhilePortInUse } from '../../../src/lib/retry.ts'

const DEFAULT_PORT = 2113

/**
 * Ports that a client in this process may still hold a connection for. grpc-js shares its connections among all clients
 * of an address: one that was reset a moment ago is taken for open by the next client of the same port, whose first
 * call then fails.
 */
const usedPorts = new Set<number>()

/** A URL is one, and its port may be left out. */
interface Target {
  readonly hostname: string
  readonly port: number | string
}

interface Link {
  readonly client: Socket
  readonly server: Socket
}

/** A relay between a client and a server, on which connections can break in the ways that they do. */
export class TcpProxy {
  readonly #links = new Set<Link>()
  #listener: Server | undefined
  #port = 0
  #frozen = false

  get port(): number {
    return this.#port
  }

  /** Accepts connections and relays them to `target`: on `port`, on the port of the last time, or on an unused one. */
  async open(target: Target, port = this.#port): Promise<void> {
    const listener = await retryWhilePortInUse(async () => {
      const server = createServer(client => this.#relay(client, target))
      await once(server.listen(port, '127.0.0.1'), 'listening')
      return server
    })
    const { port: opened } = listener.address() as AddressInfo
    if (port === 0 && usedPorts.has(opened)) {
      listener.close()
      return this.open(target, 0)
    }
    usedPorts.add(opened)
    this.#listener = listener
    this.#port = opened
  }

  /** Nothing passes any more, and nobody is told: what a stopped process looks like. New connections are accepted. */
  freeze(): void {
    this.#frozen = true
    for (const link of this.#links) unjoin(link)
  }

  thaw(): void {
    this.#frozen = false
    for (const link of this.#links) join(link)
  }

  /** What the server says next does not arrive: the connections break in its place. */
  loseNextAnswer(): void {
    for (const link of this.#links) {
      link.server.unpipe(link.client)
      link.server.once('data', () => this.cut()).resume()
    }
  }

  /** Resets every connection, as when the process at the other end dies. */
  cut(): void {
    for (const { client, server } of this.#links) {
      reset(client)
      server.destroy()
    }
    this.#links.clear()
  }

  /** From here on connections are refused; those that are open stay. */
  refuse(): void {
    this.#listener?.close()
    this.#listener = undefined
  }

  /** Resets every connection and refuses new ones, as when nothing is there any more. */
  break(): void {
    this.refuse()
    this.cut()
  }

  #relay(client: Socket, target: Target): void {
    const link = { client, server: connect(Number(target.port) || DEFAULT_PORT, target.hostname) }
    this.#links.add(link)
    const end = () => {
      this.#links.delete(link)
      link.client.destroy()
      link.server.destroy()
    }
    for (const socket of [link.client, link.server]) {
      socket.setNoDelay()
      socket.on('error', end)
      socket.on('close', end)
    }
    if (!this.#frozen) join(link)
  }
}

/**
 * A socket that is shutting down cannot be reset any more: Node.js would take it for closing then, and wait for its close
 * for ever when the process ends.
 */
const reset = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

const join = ({ client, server }: Link): void => {
  client.pipe(server)
  server.pipe(client)
}

const unjoin = ({ client, server }: Link): void => {
  client.unpipe(server)
  server.unpipe(client)
}
