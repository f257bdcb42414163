import { describeError } from './errors.ts'

const TRY_EVERY_MS = 1000

export interface WriteHealthOptions {
  /** Writes without a change; throws if that fails. */
  readonly tryToWrite: () => void
  /** Called for every write that fails. */
  readonly onFailure: (error: Error) => void
  /** Called when writes succeed again. */
  readonly onRecovery: () => void
}

/** Whether the file can be written: after a failed write it is tried periodically. */
export class WriteHealth {
  readonly #options: WriteHealthOptions
  #reason: string | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: WriteHealthOptions) {
    this.#options = options
  }

  /** Why the last write failed; undefined if it succeeded. */
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
