import type { Watch } from './types.ts'

/** The values of batches, one by one. */
export class WatchedValues<T> implements Watch<T> {
  readonly #batches: AsyncGenerator<readonly T[]>
  #batch: readonly T[] = []
  #taken = 0

  constructor(batches: AsyncGenerator<readonly T[]>) {
    this.#batches = batches
  }

  peek(): T | undefined {
    return this.#batch[this.#taken]
  }

  skip(): void {
    this.#taken += 1
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.#taken >= this.#batch.length) {
      this.#batch = []
      this.#taken = 0
      const { value, done } = await this.#batches.next()
      if (done) return { value: undefined, done }
      this.#batch = value
    }
    const value = this.#batch[this.#taken] as T
    this.#taken += 1
    return { value, done: false }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#batch = []
    await this.#batches.return(undefined)
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
