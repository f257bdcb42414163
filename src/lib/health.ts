/** Whether this process can go on with its work. Once it has failed, only another start helps. */
export class Health {
  readonly #failed = Promise.withResolvers<string>()
  #reason: string | undefined

  /** Why only another start helps; undefined while that is not so. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Resolves with the reason once only another start helps. */
  get failed(): Promise<string> {
    return this.#failed.promise
  }

  /** What fails first is what matters. */
  fail(reason: string): void {
    this.#reason ??= reason
    this.#failed.resolve(reason)
  }
}
