export interface ClientStream {
  readonly readableEnded: boolean
  readonly readableLength: number
  on(event: string, listener: (...args: unknown[]) => void): unknown
  read(): unknown
  removeAllListeners(event: string): unknown
  resume(): unknown
}

export class BufferedStreamReader<T> {
  readonly #stream: ClientStream
  readonly #leave: () => Promise<void>
  readonly #signal: AbortSignal
  #changed = Promise.withResolvers<void>()
  #error: unknown

  constructor(stream: ClientStream, leave: () => Promise<void>, signal: AbortSignal) {
    this.#stream = stream
    this.#leave = leave
    this.#signal = signal
    signal.addEventListener('abort', this.#wake)
    stream.on('readable', this.#wake)
    stream.on('end', this.#wake)
    // Never removed, as the client's streams emit errors after their end.
    stream.on('error', error => {
      this.#error ??= error
      this.#wake()
    })
  }

  take(): T[] {
    const taken: T[] = []
    for (let item = this.#stream.read(); item !== null; item = this.#stream.read()) taken.push(item as T)
    return taken
  }

  get buffered(): number {
    return this.#stream.readableLength
  }

  get ended(): boolean {
    return this.#stream.readableEnded
  }

  async waitForMore(): Promise<void> {
    if (this.#error === undefined && !this.#signal.aborted) await this.#changed.promise
    this.#changed = Promise.withResolvers()
    if (this.#error !== undefined) throw this.#error
  }

  readonly #wake = (): void => this.#changed.resolve()

  /** The client frees a call only at its end. */
  cancel(): void {
    this.#signal.removeEventListener('abort', this.#wake)
    this.#leave().catch(() => {})
    this.#stream.removeAllListeners('readable')
    this.#stream.resume()
  }
}
