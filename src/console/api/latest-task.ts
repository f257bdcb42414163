/** @param mayStop called when a part of the result is shown, so that an urgent task may stop this one */
type Task = (stop: AbortSignal, mayStop: () => void) => Promise<void>

/** After a task that took long, the next one waits as long again, at most this. */
const LONGEST_REST_MS = 2000
/** Tasks that took less than this follow each other immediately. */
const SHORT_MS = 100

export class LatestTask {
  #isEnded = false
  #isRunning = false
  #next: Task | undefined
  #endRest = (): void => undefined
  #stop = new AbortController()
  #mayStop = false

  /** @param isUrgent whether the user waits for it: it is not delayed after a task that took long */
  start(task: Task, isUrgent: boolean): void {
    this.#next = task
    if (isUrgent) {
      this.#endRest()
      if (this.#mayStop) this.#stop.abort()
    }
    if (!this.#isRunning) void this.#run()
  }

  end(): void {
    this.#isEnded = true
    this.#next = undefined
    this.#stop.abort()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#next !== undefined && !this.#isEnded) {
      const task = this.#next
      this.#next = undefined
      this.#stop = new AbortController()
      this.#mayStop = false
      const since = performance.now()
      await task(this.#stop.signal, () => (this.#mayStop = true))
      const took = performance.now() - since
      if (took > SHORT_MS && this.#next === undefined) await this.#rest(Math.min(took, LONGEST_REST_MS))
    }
    this.#isRunning = false
  }

  #rest(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      this.#endRest = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
