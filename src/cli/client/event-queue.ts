export const RELIST = Symbol('list again')

export class EventQueue<Value> {
  #values: Value[] = []
  #relist = false
  #failure: { readonly error: unknown } | undefined
  #wake = Promise.withResolvers<void>()

  put(value: Value): void {
    this.#values.push(value)
    this.#wake.resolve()
  }

  relist(): void {
    this.#relist = true
    this.#wake.resolve()
  }

  fail(error: unknown): void {
    this.#failure = { error }
    this.#wake.resolve()
  }

  async *read(signal: AbortSignal): AsyncGenerator<readonly Value[] | typeof RELIST> {
    const wake = () => this.#wake.resolve()
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        if (this.#relist) {
          this.#relist = false
          yield RELIST
        } else if (this.#values.length > 0) {
          const values = this.#values
          this.#values = []
          yield values
        } else if (this.#failure !== undefined) {
          throw this.#failure.error
        } else {
          this.#wake = Promise.withResolvers()
          if (!signal.aborted) await this.#wake.promise
        }
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }
}
