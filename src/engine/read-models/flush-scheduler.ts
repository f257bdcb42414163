import type { Logger } from '../../lib/logger.ts'
import { throttle } from '../../lib/throttle.ts'
import type { ReadModels } from './read-models.ts'

/** After a crash the next start projects as much of the log again. */
const ROWS_AFTER_MS = 5000
/** Persisted before the rows, to free memory. Smaller batches touch more pages. */
const HISTORY_AFTER_BYTES = 8_000_000
const LOG_EVERY_MS = 60_000

export class FlushScheduler {
  readonly #models: ReadModels
  readonly #logFailure: (error: unknown) => void
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  #isHistoryHeld = false

  constructor(models: ReadModels, logger: Logger) {
    this.#models = models
    this.#logFailure = throttle(LOG_EVERY_MS, error =>
      logger.error({ error }, 'the read models could not be written: trying again after the next change'),
    )
  }

  schedule(): void {
    this.#timer ??= setTimeout(() => void this.#flush(), ROWS_AFTER_MS).unref()
    if (this.#isHistoryHeld || this.#models.pendingHistoryBytes < HISTORY_AFTER_BYTES) return
    this.#isHistoryHeld = true
    this.#models.writeVersions().then(
      () => {
        this.#isHistoryHeld = false
      },
      () => undefined,
    )
  }

  async #flush(): Promise<void> {
    if (this.#isStopped) return
    try {
      await this.#models.write()
      this.#isHistoryHeld = false
    } catch (error) {
      this.#logFailure(error)
    }
    // A slow disk gets larger flushes, not more.
    this.#timer = undefined
  }

  /** After an error rows can be between two events. */
  stop(): void {
    this.#isStopped = true
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#flush()
  }
}
