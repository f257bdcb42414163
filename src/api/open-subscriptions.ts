import { unavailable } from '../../schemas/errors.ts'

/** The subscriptions that are open now, over whatever transport. */
export class OpenSubscriptions {
  readonly #open = new Set<AbortController>()
  #closed = false

  get count(): number {
    return this.#open.size
  }

  /**
   * Opens a watch for one reader. It ends when the reader leaves, even while that waits for a value: a generator alone
   * would notice with the next one.
   */
  open<T>(watch: (signal: AbortSignal) => AsyncIterable<T>): AsyncIterableIterator<T> {
    if (this.#closed) throw unavailable('the server is shutting down')
    const controller = new AbortController()
    const iterator = watch(controller.signal)[Symbol.asyncIterator]()
    const end = (): void => {
      this.#open.delete(controller)
      controller.abort()
    }
    this.#open.add(controller)
    return {
      next: async () => {
        try {
          const result = await iterator.next()
          if (result.done) end()
          return result
        } catch (error) {
          end()
          throw error
        }
      },
      return: async () => {
        end()
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  /** Ends all, as complete, and opens no more. */
  endAll(): void {
    this.#closed = true
    for (const controller of this.#open) controller.abort()
  }
}
