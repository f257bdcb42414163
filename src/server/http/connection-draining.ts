import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as nextImmediate } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { SHUTTING_DOWN } from './request-gate.ts'

const HALF_CLOSED_MS = 250

interface Connection {
  pending: number
  latest: IncomingMessage | undefined
  idleTimer: NodeJS.Timeout | undefined
}

/**
 * A connection ends after a response with `Connection: close`, or when it is idle: the client of a response without
 * that header may send the next request.
 */
export class ConnectionDraining {
  readonly #idleMs: number
  readonly #connections = new Map<Socket, Connection>()
  #isDraining = false

  /** @param idleMs from a response, or from the start of draining, to the end of an idle connection */
  constructor(idleMs: number) {
    this.#idleMs = idleMs
  }

  register(app: FastifyInstance): void {
    const { server } = app
    server.on('setSecureContext' in server ? 'secureConnection' : 'connection', (socket: Socket) => this.#add(socket))
    server.prependListener('upgrade', ({ socket }: IncomingMessage) => {
      // When the WebSocket handler is closed, upgrades have no other listener.
      this.#remove(socket)
      if (this.#isDraining) rejectUpgrade(socket)
    })
    app.addHook('onRequest', ({ raw }, reply, done) => {
      // Fastify sets it when it closes, but only the last response may have it.
      if (this.#isDraining) reply.raw.removeHeader('connection')
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

  start(server: Server): boolean {
    this.#isDraining = true
    // Node.js would reset them when the server closes.
    server.closeIdleConnections = () => undefined
    for (const [socket, connection] of this.#connections) this.#drain(socket, connection)
    return this.#connections.size > 0
  }

  #add(socket: Socket): void {
    const connection = { pending: 0, latest: undefined, idleTimer: undefined }
    this.#connections.set(socket, connection)
    socket.once('close', () => this.#remove(socket))
    if (this.#isDraining) this.#drain(socket, connection)
  }

  #remove(socket: Socket): void {
    clearTimeout(this.#connections.get(socket)?.idleTimer)
    this.#connections.delete(socket)
  }

  #begin(request: IncomingMessage): void {
    const connection = this.#connections.get(request.socket)
    if (connection === undefined) return
    clearTimeout(connection.idleTimer)
    connection.pending += 1
    connection.latest = request
  }

  #end(request: IncomingMessage): void {
    const connection = this.#connections.get(request.socket)
    if (connection === undefined) return
    connection.pending -= 1
    // Node.js has ended the connection if the response announced it.
    if (this.#isDraining && connection.pending === 0 && request.socket.writable)
      this.#startIdleTimer(request.socket, connection)
  }

  async #isLast(request: IncomingMessage): Promise<boolean> {
    await readArrived()
    return this.#connections.get(request.socket)?.latest === request
  }

  #drain(socket: Socket, connection: Connection): void {
    endGracefully(socket)
    if (connection.pending === 0) this.#startIdleTimer(socket, connection)
  }

  #startIdleTimer(socket: Socket, connection: Connection): void {
    clearTimeout(connection.idleTimer)
    connection.idleTimer = setTimeout(() => void this.#endIdle(socket, connection), this.#idleMs)
  }

  async #endIdle(socket: Socket, connection: Connection): Promise<void> {
    // In a busy process, the timer fires before what arrived in time is read.
    await readArrived()
    if (connection.pending === 0) socket.destroySoon()
  }
}

/** Resolves when Node.js has read what has arrived on all connections: the current round may be past its reads. */
const readArrived = async (): Promise<void> => {
  await nextImmediate()
  await nextImmediate()
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
