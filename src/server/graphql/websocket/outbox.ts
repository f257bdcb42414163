import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

const FULL_BYTES = 16_384

export class Outbox {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #onTimeout: () => void
  readonly #timeoutMs: number
  #unread = 0
  #isCorked = false
  #waiting: (() => void)[] = []
  /** Since when the oldest unread message waits, or the last one was written. */
  #since = 0
  #timer: NodeJS.Timeout | undefined

  constructor(socket: WebSocket, stream: Socket, timeoutMs: number, onTimeout: () => void) {
    this.#socket = socket
    this.#stream = stream
    this.#timeoutMs = timeoutMs
    this.#onTimeout = onTimeout
    socket.once('close', () => {
      clearTimeout(this.#timer)
      this.#resume()
    })
  }

  get hasUnread(): boolean {
    return this.#unread > 0
  }

  send(text: string, onRead?: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) {
      onRead?.()
      return
    }
    if (this.#unread === 0) this.#since = performance.now()
    this.#unread += 1
    this.#cork()
    // One for many messages: each would cost as much as its frame.
    this.#timer ??= this.#startTimer(this.#timeoutMs)
    this.#socket.send(text, () => {
      onRead?.()
      this.#written()
    })
    // A client that does not read must not send: each message gets a response.
    if (this.#isFull()) this.#socket.pause()
  }

  room(): Promise<void> | undefined {
    if (!this.#isFull()) return undefined
    return new Promise(resolve => this.#waiting.push(resolve))
  }

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

  #written(): void {
    this.#unread -= 1
    this.#since = performance.now()
    if (!this.#isFull()) this.#resume()
  }

  #resume(): void {
    this.#socket.resume()
    for (const resume of this.#waiting.splice(0)) resume()
  }

  #startTimer(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined
      if (this.#unread === 0 || this.#socket.readyState !== this.#socket.OPEN) return
      const left = this.#since + this.#timeoutMs - performance.now()
      if (left <= 0) this.#onTimeout()
      else this.#timer = this.#startTimer(left)
    }, milliseconds).unref()
  }
}
