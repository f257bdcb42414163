import { describeError } from './errors.ts'

const TRY_EVERY_MS = 1000

interface WriteHealthOptions {
  readonly tryToWrite: () => void
  readonly onFailure: (error: Error) => void
  readonly onRecovery: () => void
}

export class WriteHealth {
  readonly #options: WriteHealthOptions
  #reason: string | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: WriteHealthOptions) {
    this.#options = options
  }

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
