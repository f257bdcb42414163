import { CallTimeout } from '../with-timeout.ts'

interface Waiting {
  readonly until: number
  readonly reject: (error: CallTimeout) => void
}

/** Limits many waits of the same duration with one timer. */
export class SharedTimeout {
  readonly ms: number
  /** Those that began first end first. */
  readonly #waiting = new Set<Waiting>()
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number) {
    this.ms = ms
  }

  within<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = { until: performance.now() + this.ms, reject }
      this.#waiting.add(waiting)
      this.#timer ??= setTimeout(this.#sweep, this.ms)
      promise.then(
        value => {
          this.#end(waiting)
          resolve(value)
        },
        error => {
          this.#end(waiting)
          reject(error)
        },
      )
    })
  }

  #end(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting) || this.#waiting.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  readonly #sweep = (): void => {
    this.#timer = undefined
    const now = performance.now()
    for (const waiting of this.#waiting) {
      if (waiting.until > now) {
        this.#timer = setTimeout(this.#sweep, waiting.until - now + 1)
        return
      }
      this.#waiting.delete(waiting)
      waiting.reject(new CallTimeout(this.ms))
    }
  }
}
