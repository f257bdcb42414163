import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/** With so much that waits to be read, nothing more is produced. */
const FULL_BYTES = 16_384

/** What is sent to one client over a WebSocket, as fast as it reads. */
export class Outbox {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #giveUp: () => void
  readonly #patienceMs: number
  #unread = 0
  #isCorked = false
  #waiting: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined

  /**
   * @param stream that the socket is on
   * @param giveUp called where the client has read nothing for so long
   */
  constructor(socket: WebSocket, stream: Socket, patienceMs: number, giveUp: () => void) {
    this.#socket = socket
    this.#stream = stream
    this.#patienceMs = patienceMs
    this.#giveUp = giveUp
    socket.once('close', () => {
      clearTimeout(this.#timer)
      this.#wake()
    })
  }

  /** Whether messages wait to be read. */
  get isUnread(): boolean {
    return this.#unread > 0
  }

  /** @param read called when the client has taken the message, or never will */
  send(text: string, read?: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) {
      read?.()
      return
    }
    this.#unread += 1
    this.#cork()
    this.#timer ??= this.#watch()
    this.#socket.send(text, () => {
      read?.()
      this.#taken()
    })
    // Who does not read is not listened to: each of its messages would be answered.
    if (this.#isFull()) this.#socket.pause()
  }

  /** Undefined where there is room for another message; else what resolves once there is, or the socket is closed. */
  room(): Promise<void> | undefined {
    if (!this.#isFull()) return undefined
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** What is sent together is written together. */
  #cork(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    this.#stream.cork()
    process.nextTick(() => {
      this.#isCorked = false
      this.#stream.uncork()
    })
  }

  #isFull(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount > FULL_BYTES
  }

  #taken(): void {
    this.#unread -= 1
    clearTimeout(this.#timer)
    this.#timer = this.#unread > 0 ? this.#watch() : undefined
    if (!this.#isFull()) this.#wake()
  }

  #wake(): void {
    this.#socket.resume()
    for (const resume of this.#waiting.splice(0)) resume()
  }

  #watch(): NodeJS.Timeout | undefined {
    if (this.#socket.readyState !== this.#socket.OPEN) return undefined
    return setTimeout(this.#giveUp, this.#patienceMs).unref()
  }
}
