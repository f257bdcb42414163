/** A reading or a subscription of the client's. */
export interface ClientStream {
  readonly readableEnded: boolean
  readonly readableLength: number
  on(event: string, listener: (...args: unknown[]) => void): unknown
  read(): unknown
  removeAllListeners(event: string): unknown
  resume(): unknown
}

/** A stream of the client's, taken from as things arrive. */
export class BufferedStreamReader<T> {
  readonly #stream: ClientStream
  readonly #leave: () => Promise<void>
  readonly #signal: AbortSignal
  #changed = Promise.withResolvers<void>()
  #error: unknown

  /** `leave` is how to tell the server to send no more. `more` does not wait any longer when the signal aborts. */
  constructor(stream: ClientStream, leave: () => Promise<void>, signal: AbortSignal) {
    this.#stream = stream
    this.#leave = leave
    this.#signal = signal
    signal.addEventListener('abort', this.wake)
    stream.on('readable', this.wake)
    stream.on('end', this.wake)
    // It stays: the client's streams report errors also after they are done with, which nobody listening would throw.
    stream.on('error', error => {
      this.#error ??= error
      this.wake()
    })
  }

  /** All that is there, which is no more than the stream buffers. */
  take(): T[] {
    const taken: T[] = []
    for (let item = this.#stream.read(); item !== null; item = this.#stream.read()) taken.push(item as T)
    return taken
  }

  /** How many there are to take. */
  get buffered(): number {
    return this.#stream.readableLength
  }

  get ended(): boolean {
    return this.#stream.readableEnded
  }

  /**
   * Resolves when there may be something to take, or the stream has ended, or somebody called `wake`.
   *
   * @throws what broke the stream
   */
  async waitForMore(): Promise<void> {
    if (this.#error === undefined && !this.#signal.aborted) await this.#changed.promise
    this.#changed = Promise.withResolvers()
    if (this.#error !== undefined) throw this.#error
  }

  readonly wake = (): void => this.#changed.resolve()

  /** What has arrived flows off: the client waits for the end of every call before it lets go of it. */
  cancel(): void {
    this.#signal.removeEventListener('abort', this.wake)
    this.#leave().catch(() => {})
    this.#stream.removeAllListeners('readable')
    this.#stream.resume()
  }
}
