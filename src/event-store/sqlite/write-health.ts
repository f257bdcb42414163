import { describeError } from './errors.ts'

/** So often it is tried whether the file takes writes again. */
const TRY_EVERY_MS = 1000

export interface WriteHealthOptions {
  /** Writes and changes nothing; throws where that is not possible. */
  readonly tryToWrite: () => void
  /** Told of every write that fails. */
  readonly onFailure: (error: Error) => void
  /** Told when writes succeed again. */
  readonly onRecovery: () => void
}

/** Knows whether the file takes writes: after one that failed it is tried again and again, also while nobody has any. */
export class WriteHealth {
  readonly #options: WriteHealthOptions
  #reason: string | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: WriteHealthOptions) {
    this.#options = options
  }

  /** Why the last write failed; undefined where it did not. */
  get reason(): string | undefined {
    return this.#reason
  }

  failed(error: Error): void {
    this.#reason = describeError(error)
    this.#options.onFailure(error)
    this.#timer ??= setInterval(() => this.#try(), TRY_EVERY_MS).unref()
  }

  succeeded(): void {
    if (this.#reason === undefined) return
    this.close()
    this.#options.onRecovery()
  }

  #try(): void {
    try {
      this.#options.tryToWrite()
    } catch (error) {
      this.#reason = describeError(error)
      return
    }
    this.succeeded()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#reason = undefined
  }
}
