interface Logger {
  error(details: object, message: string): void
}

interface Observer<Value> {
  readonly observe: (value: Value) => void
  readonly onFailure: (error: unknown) => void
}

/**
 * Those who observe one thing, each apart from the others: where one throws, that is logged, it is left to what was given
 * for this case, and the others are notified all the same.
 */
export class Observers<Value = void> {
  readonly #observers = new Set<Observer<Value>>()
  readonly #logger: Logger | undefined

  /** @param logger told of every failure; left out where what each observer does then tells it */
  constructor(logger?: Logger) {
    this.#logger = logger
  }

  get size(): number {
    return this.#observers.size
  }

  /**
   * Returns what ends it.
   *
   * @param onFailure what an observer does that has missed a value, such as to end or to begin anew
   */
  add(observe: (value: Value) => void, onFailure: (error: unknown) => void = () => undefined): () => void {
    const observer = { observe, onFailure }
    this.#observers.add(observer)
    return () => void this.#observers.delete(observer)
  }

  clear(): void {
    this.#observers.clear()
  }

  notify(value: Value): void {
    for (const { observe, onFailure } of this.#observers) {
      try {
        observe(value)
      } catch (error) {
        this.#logger?.error({ error }, 'an observer has failed: the others go on')
        this.#contained(() => onFailure(error))
      }
    }
  }

  #contained(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#logger?.error({ error }, 'an observer that has failed cannot be ended or begun anew')
    }
  }
}
