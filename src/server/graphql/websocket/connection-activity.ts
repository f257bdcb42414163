import type { WebSocket } from 'ws'
import { SHUTTING_DOWN } from '../../http/request-gate.ts'
import type { EnforcedLimits } from '../../limits.ts'
import type { Outbox } from './outbox.ts'

/** A client without a pong in this time is gone. */
const PING_INTERVAL_MS = 12_000
const GOING_AWAY = 1001
export const POLICY_VIOLATION = 1008
const SECOND_MS = 1000

export class ConnectionActivity {
  readonly #socket: WebSocket
  readonly #limits: EnforcedLimits
  #operations = 0
  #isDraining = false
  #timer: NodeJS.Timeout | undefined

  constructor(socket: WebSocket, limits: EnforcedLimits) {
    this.#socket = socket
    this.#limits = limits
    this.#startTimer()
    socket.once('close', () => clearTimeout(this.#timer))
  }

  operationStarted(): void {
    this.#operations += 1
    clearTimeout(this.#timer)
  }

  operationEnded(): void {
    this.#operations -= 1
    if (this.#operations > 0 || this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#isDraining) this.#close()
    else this.#startTimer()
  }

  drain(): void {
    this.#isDraining = true
    if (this.#operations === 0) this.#close()
  }

  #close(): void {
    // The last operation sends `complete` after this call.
    setImmediate(() => this.#socket.close(GOING_AWAY, SHUTTING_DOWN))
  }

  #startTimer(): void {
    const { idleSeconds } = this.#limits
    this.#timer = setTimeout(() => {
      this.#limits.hit('idleSeconds')
      this.#socket.close(POLICY_VIOLATION, `no operation for ${idleSeconds} s (limit idleSeconds)`)
    }, idleSeconds * SECOND_MS).unref()
  }
}

/** A client with unread messages cannot respond to pings in time. */
export const keepAlive = (socket: WebSocket, outbox: Outbox): void => {
  let isAlive = true
  const timer = setInterval(() => {
    if (outbox.hasUnread) return
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
  }, PING_INTERVAL_MS)
  socket.on('pong', () => {
    isAlive = true
  })
  socket.once('close', () => clearInterval(timer))
}
