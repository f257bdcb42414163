/** How the server fails; every call checks it before it responds. */
export class FailureMode {
  /** Responds to everything with "not ready". */
  starting = false
  /** Responds to appends with "not ready". */
  preLeader = false
  /** The number of requests, each append of a call counted. */
  requests = 0
  readonly #scheduled = new Map<number, () => void>()
  #paused: (() => void)[] | undefined
  #loseNext: (() => void) | undefined

  /** Runs the work now; while paused, later and in order. */
  whenWorking(work: () => void): void {
    this.requests += 1
    this.#scheduled.get(this.requests)?.()
    if (this.#paused) this.#paused.push(work)
    else work()
  }

  /** Acts before the nth request from now. */
  schedule(nth: number, act: () => void): void {
    this.#scheduled.set(this.requests + nth, act)
  }

  /** Sends a response, unless it is to be lost. */
  answering(send: () => void): void {
    const lose = this.#loseNext
    this.#loseNext = undefined
    if (lose) lose()
    else send()
  }

  pause(): void {
    this.#paused ??= []
  }

  resume(): void {
    const waiting = this.#paused ?? []
    this.#paused = undefined
    for (const work of waiting) work()
  }

  /** Called instead of the response to the next append, which is carried out. */
  loseNextAnswer(instead: () => void): void {
    this.#loseNext = instead
  }
}
