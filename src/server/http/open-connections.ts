import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { SHUTTING_DOWN } from './shutting-down.ts'

/** How long a client has to take its leave once it was told that nothing more will be answered. */
const FAREWELL_MS = 250

interface Connection {
  /** Requests that are not answered yet. */
  underWay: number
  latest: IncomingMessage | undefined
}

/**
 * The connections of a server that is about to end. A connection that is cut while a request is on its way leaves its
 * client without an answer: so each is ended by the answer to its latest request, and those that are silent a while later.
 */
export class OpenConnections {
  readonly #open = new Map<Socket, Connection>()
  #isParting = false

  watch(server: Server): void {
    const add = (socket: Socket): void => {
      this.#open.set(socket, { underWay: 0, latest: undefined })
      socket.once('close', () => this.#open.delete(socket))
      if (this.#isParting) partGently(socket)
    }
    server.on('setSecureContext' in server ? 'secureConnection' : 'connection', add)
    server.prependListener('upgrade', ({ socket }: IncomingMessage) => {
      // A WebSocket takes its leave by itself. One that comes now finds nothing that would take it, or end its connection.
      this.#open.delete(socket)
      if (this.#isParting) refuseUpgrade(socket)
    })
  }

  /** To be called of every request whose head is there, and of the end of its answer. */
  began(request: IncomingMessage): void {
    const connection = this.#open.get(request.socket)
    if (connection === undefined) return
    connection.underWay += 1
    connection.latest = request
  }

  ended(request: IncomingMessage): void {
    const connection = this.#open.get(request.socket)
    if (connection === undefined) return
    connection.underWay -= 1
    // An answer that began earlier, such as a stream, could not say that it is the last.
    if (this.#isParting && connection.underWay === 0) request.socket.destroySoon()
  }

  /** Whether connections end with the next answer. */
  get isParting(): boolean {
    return this.#isParting
  }

  /** Whether an answer is to be the last on its connection: what had arrived with its request was read by then. */
  async isLast(request: IncomingMessage): Promise<boolean> {
    await nextTurn()
    return this.#open.get(request.socket)?.latest === request
  }

  /** From now on connections end with an answer; resolves when those that are silent for so long were ended as well. */
  async part(silenceMs: number): Promise<void> {
    this.#isParting = true
    for (const socket of this.#open.keys()) partGently(socket)
    await wait(this.#open.size === 0 ? 0 : silenceMs)
    const silent = [...this.#open].filter(([, { underWay }]) => underWay === 0).map(([socket]) => socket)
    for (const socket of silent) socket.destroySoon()
    const gone = Promise.all(silent.map(socket => new Promise<void>(resolve => socket.once('close', () => resolve()))))
    await Promise.race([gone, wait(FAREWELL_MS, undefined, { ref: false })])
  }
}

/** Has a socket be ended, where Node.js would destroy it: what comes in meanwhile is read, and not answered by a reset. */
const partGently = (socket: Socket): void => {
  socket.destroySoon = () => {
    socket.end()
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref()
  }
}

/** Node.js leaves a socket to whoever listens for upgrades, and waits for its end when the server closes. */
const refuseUpgrade = (socket: Socket): void => {
  const head = ['HTTP/1.1 503 Service Unavailable', 'Connection: close', `Content-Length: ${SHUTTING_DOWN.length}`]
  socket.on('error', () => socket.destroy()).resume()
  socket.end(`${head.join('\r\n')}\r\n\r\n${SHUTTING_DOWN}`)
  setTimeout(() => socket.destroy(), FAREWELL_MS)
}
