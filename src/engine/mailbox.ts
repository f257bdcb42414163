import { unavailable } from '../../schemas/errors.ts'

/** What a slow reader may have waiting before it is told to come again. */
const CAPACITY = 100_000

/** Values pushed on one side and read on the other, in order, each once. */
export class Mailbox<T> {
  #waiting: T[] = []
  #closed = false
  #failure: Error | undefined
  #wake: (() => void) | undefined

  push(value: T): void {
    if (this.#closed) return
    if (this.#waiting.length >= CAPACITY)
      this.close(unavailable('this reader is too slow for what changes: subscribe again'))
    else this.#waiting.push(value)
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
        yield* values
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
