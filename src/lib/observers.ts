interface Logger {
  error(details: object, message: string): void
}

interface Observer<Value> {
  readonly observe: (value: Value) => void
  readonly onFailure: (error: unknown) => void
}

export class Observers<Value = void> {
  readonly #observers = new Set<Observer<Value>>()
  readonly #logger: Logger | undefined

  constructor(logger?: Logger) {
    this.#logger = logger
  }

  get size(): number {
    return this.#observers.size
  }

  /** @param onFailure called if the observer throws, and so missed a value */
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
        this.#logger?.error({ error }, 'an observer failed: the others continue')
        this.#contained(() => onFailure(error))
      }
    }
  }

  #contained(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#logger?.error({ error }, 'the failure handler of an observer failed')
    }
  }
}
