/** Whether this process can continue. A failure is final: only a restart helps. */
export class Health {
  readonly #failed = Promise.withResolvers<string>()
  #reason: string | undefined

  get reason(): string | undefined {
    return this.#reason
  }

  /** Resolves with the reason at the first failure. */
  get failed(): Promise<string> {
    return this.#failed.promise
  }

  /** Records a failure; only the first one counts. */
  fail(reason: string): void {
    this.#reason ??= reason
    this.#failed.resolve(reason)
  }
}
