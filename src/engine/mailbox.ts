/** What may wait for a slow reader. It reads on from the past instead: see `follow`. */
const CAPACITY = 1000

/** Values pushed on one side and read on the other, in order, each once. */
export class Mailbox<T> {
  #waiting: T[] = []
  #closed = false
  #failure: Error | undefined
  #isOverfull = false
  #wake: (() => void) | undefined

  /** More came than a reader may let wait: what waited is gone, and nothing more comes. */
  get isOverfull(): boolean {
    return this.#isOverfull
  }

  push(value: T): void {
    if (this.#closed) return
    this.#waiting.push(value)
    if (this.#waiting.length > CAPACITY) {
      this.#waiting = []
      this.#isOverfull = true
      this.#closed = true
    }
    this.#wake?.()
  }

  /** What was pushed before is still read; with a failure the reader is thrown it instead. */
  close(failure?: Error): void {
    this.#closed = true
    this.#failure ??= failure
    if (failure !== undefined) this.#waiting = []
    this.#wake?.()
  }

  /** @param leave called when the reader has had everything or wants no more */
  async *read(leave: () => void): AsyncGenerator<T> {
    try {
      while (true) {
        const values = this.#waiting
        this.#waiting = []
        for (const value of values) {
          yield value
          // What was taken out to be read counts as waiting, too.
          if (this.#isOverfull) return
        }
        if (this.#waiting.length > 0) continue
        if (this.#failure !== undefined) throw this.#failure
        if (this.#closed) return
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    } finally {
      leave()
    }
  }
}
