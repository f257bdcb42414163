/** A failure is final: only a restart helps. */
export class Health {
  readonly #failed = Promise.withResolvers<string>()
  #reason: string | undefined

  get reason(): string | undefined {
    return this.#reason
  }

  get failed(): Promise<string> {
    return this.#failed.promise
  }

  fail(reason: string): void {
    this.#reason ??= reason
    this.#failed.resolve(reason)
  }
}
