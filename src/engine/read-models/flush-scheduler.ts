import type { Logger } from '../../lib/logger.ts'
import { throttle } from '../../lib/throttle.ts'
import type { ReadModels } from './read-models.ts'

/** Age at which rows are persisted. After a crash the next start projects as much of the log again. */
const ROWS_AFTER_MS = 5000
/** Size at which the history is persisted before the rows: it takes memory until then. */
const HISTORY_AFTER_BYTES = 4_000_000
const LOG_EVERY_MS = 60_000

/** Decides when read models and their history are persisted. */
export class FlushScheduler {
  readonly #models: ReadModels
  readonly #logFailure: (error: unknown) => void
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  /** A flush of the history is running, or failed and is left to the next flush of all. */
  #isHistoryHeld = false

  constructor(models: ReadModels, logger: Logger) {
    this.#models = models
    this.#logFailure = throttle(LOG_EVERY_MS, error =>
      logger.error({ error }, 'the read models could not be written down: trying again with the next change'),
    )
  }

  /** To be called after changes. */
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
    // Only now: a slow disk gets larger flushes, not more of them.
    this.#timer = undefined
  }

  /** Persists nothing more: an error can leave rows between two events, so the persisted ones are the better start. */
  stop(): void {
    this.#isStopped = true
  }

  /** Persists everything, unless it was stopped. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#flush()
  }
}
