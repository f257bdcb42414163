import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as nextImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { SHUTTING_DOWN } from './request-gate.ts'

const HALF_CLOSED_MS = 250

interface Connection {
  /** Requests without a complete response. */
  pending: number
  latest: IncomingMessage | undefined
}

/**
 * Connections end after the response to their latest request, and idle ones after a delay, because a request may be in
 * transit.
 */
export class ConnectionDraining {
  readonly #connections = new Map<Socket, Connection>()
  #isDraining = false

  register(app: FastifyInstance): void {
    const { server } = app
    const add = (socket: Socket): void => {
      this.#connections.set(socket, { pending: 0, latest: undefined })
      socket.once('close', () => this.#connections.delete(socket))
      if (this.#isDraining) endGracefully(socket)
    }
    server.on('setSecureContext' in server ? 'secureConnection' : 'connection', add)
    server.prependListener('upgrade', ({ socket }: IncomingMessage) => {
      // When the WebSocket handler is closed, upgrades have no other listener.
      this.#connections.delete(socket)
      if (this.#isDraining) rejectUpgrade(socket)
    })
    app.addHook('onRequest', ({ raw }, reply, done) => {
      this.#begin(raw)
      reply.raw.once('close', () => this.#end(raw))
      done()
    })
    app.addHook('onSend', ({ raw }, reply, payload, done) => {
      if (!this.#isDraining) return done(null, payload)
      void this.#isLast(raw).then(isLast => {
        if (isLast) reply.header('connection', 'close')
        done(null, payload)
      })
    })
  }

  #begin(request: IncomingMessage): void {
    const connection = this.#connections.get(request.socket)
    if (connection === undefined) return
    connection.pending += 1
    connection.latest = request
  }

  #end(request: IncomingMessage): void {
    const connection = this.#connections.get(request.socket)
    if (connection === undefined) return
    connection.pending -= 1
    // The headers of an earlier response did not announce that it is the last.
    if (this.#isDraining && connection.pending === 0) request.socket.destroySoon()
  }

  /** Requests that arrived together have been read by then. */
  async #isLast(request: IncomingMessage): Promise<boolean> {
    await nextImmediate()
    return this.#connections.get(request.socket)?.latest === request
  }

  async drain(idleMs: number): Promise<void> {
    this.#isDraining = true
    for (const socket of this.#connections.keys()) endGracefully(socket)
    await sleep(this.#connections.size === 0 ? 0 : idleMs)
    const idle = [...this.#connections].filter(([, { pending }]) => pending === 0).map(([socket]) => socket)
    for (const socket of idle) socket.destroySoon()
    const closed = Promise.all(idle.map(socket => new Promise<void>(resolve => socket.once('close', () => resolve()))))
    await Promise.race([closed, sleep(HALF_CLOSED_MS, undefined, { ref: false })])
  }
}

/** Destroying a socket with unread input sends a reset. */
const endGracefully = (socket: Socket): void => {
  socket.destroySoon = () => {
    socket.end()
    setTimeout(() => socket.destroy(), HALF_CLOSED_MS).unref()
  }
}

/** Node.js waits for an upgraded socket when the server closes. */
const rejectUpgrade = (socket: Socket): void => {
  const head = ['HTTP/1.1 503 Service Unavailable', 'Connection: close', `Content-Length: ${SHUTTING_DOWN.length}`]
  socket.on('error', () => socket.destroy()).resume()
  socket.end(`${head.join('\r\n')}\r\n\r\n${SHUTTING_DOWN}`)
  setTimeout(() => socket.destroy(), HALF_CLOSED_MS)
}
