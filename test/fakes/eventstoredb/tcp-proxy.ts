import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { retryWhilePortInUse } from '../../../src/lib/retry.ts'

const DEFAULT_PORT = 2113

/**
 * Ports for which a client in this process may hold a connection. grpc-js shares connections between all clients of an
 * address: the first call of a client on a connection that was just reset fails.
 */
const usedPorts = new Set<number>()

interface Target {
  readonly hostname: string
  readonly port: number | string
}

interface Link {
  readonly client: Socket
  readonly server: Socket
}

/** A TCP relay whose connections can break. */
export class TcpProxy {
  readonly #links = new Set<Link>()
  #listener: Server | undefined
  #port = 0
  #frozen = false

  get port(): number {
    return this.#port
  }

  /** Relays connections to `target`: on `port`, by default on the same as before, or on one never used. */
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

  /** Passes nothing on, as a stopped process; accepts connections. */
  freeze(): void {
    this.#frozen = true
    for (const link of this.#links) unjoin(link)
  }

  thaw(): void {
    this.#frozen = false
    for (const link of this.#links) join(link)
  }

  /** Breaks the connections instead of delivering the next response. */
  loseNextAnswer(): void {
    for (const link of this.#links) {
      link.server.unpipe(link.client)
      link.server.once('data', () => this.cut()).resume()
    }
  }

  /** Resets every connection. */
  cut(): void {
    for (const { client, server } of this.#links) {
      reset(client)
      server.destroy()
    }
    this.#links.clear()
  }

  /** Refuses new connections; open ones stay. */
  refuse(): void {
    this.#listener?.close()
    this.#listener = undefined
  }

  /** Resets every connection and refuses new ones. */
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

/** Node.js never closes a socket that is reset while it is shutting down, and waits for it when the process ends. */
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
