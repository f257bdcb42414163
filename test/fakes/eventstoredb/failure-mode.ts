/** How the server feels about answering; its calls ask before they do. */
export class FailureMode {
  /** Up, but answers everything with "not ready". */
  starting = false
  /** Up, and answers appends with "not ready". */
  preLeader = false
  /** How often it was asked for something, appends on one call each. */
  asked = 0
  #paused: (() => void)[] | undefined
  #loseNext: (() => void) | undefined

  /** Runs the work now or, while paused, later and in order. */
  whenWorking(work: () => void): void {
    this.asked += 1
    if (this.#paused) this.#paused.push(work)
    else work()
  }

  /** Sends an answer, unless this is the one to lose. */
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

  /** The next append is carried out, and in the place of its answer this happens. */
  loseNextAnswer(instead: () => void): void {
    this.#loseNext = instead
  }
}
