import { convertToCommandError } from '@eventstore/db-client'
import type { ClientReadableStream } from '@grpc/grpc-js'

/** Each may be MAX_APPEND_BYTES large. */
const BUFFERED_MESSAGES = 256

export class MessageBuffer<T> {
  readonly #call: ClientReadableStream<T>
  readonly #signal: AbortSignal
  #messages: T[] = []
  #changed = Promise.withResolvers<void>()
  #error: unknown
  #ended = false

  constructor(call: ClientReadableStream<T>, signal: AbortSignal) {
    this.#call = call
    this.#signal = signal
    signal.addEventListener('abort', this.#wake)
    call.on('data', (message: T) => {
      this.#messages.push(message)
      if (this.#messages.length >= BUFFERED_MESSAGES) call.pause()
      this.#wake()
    })
    call.on('end', () => {
      this.#ended = true
      this.#wake()
    })
    // Never removed, as a call emits an error after it was cancelled.
    call.on('error', error => {
      this.#error ??= convertToCommandError(error)
      this.#wake()
    })
  }

  take(): T[] {
    const taken = this.#messages
    this.#messages = []
    if (this.#call.isPaused()) this.#call.resume()
    return taken
  }

  get buffered(): number {
    return this.#messages.length
  }

  get ended(): boolean {
    return this.#ended && this.#error === undefined
  }

  async waitForMore(): Promise<void> {
    if (this.#error === undefined && !this.#signal.aborted) await this.#changed.promise
    this.#changed = Promise.withResolvers()
    if (this.#error !== undefined) throw this.#error
  }

  readonly #wake = (): void => this.#changed.resolve()

  cancel(): void {
    this.#signal.removeEventListener('abort', this.#wake)
    this.#call.removeAllListeners('data')
    this.#call.cancel()
    // A call is freed at its end.
    this.#call.resume()
  }
}
