import type { Logger } from '../../lib/logger.ts'
import { throttle } from '../../lib/throttle.ts'
import type { ReadModels } from './read-models.ts'

const ROWS_AFTER_MS = 5000
/** Commands wait for the same disk, so writing begins in a pause of events. */
const PAUSE_MS = 200
/** After a crash the next start projects as much of the log again. */
const ROWS_AT_LATEST_MS = 20_000
/** Limits memory, as results of commands are not kept otherwise. */
const MOST_UNWRITTEN_ROWS = 50_000
/** Persisted before the rows, to free memory. Smaller batches touch more pages. */
const HISTORY_AFTER_BYTES = 8_000_000
const LOG_EVERY_MS = 60_000

type WrittenModels = Pick<ReadModels, 'pendingHistoryBytes' | 'unwrittenRows' | 'write' | 'writeVersions'>

export class FlushScheduler {
  readonly #models: WrittenModels
  readonly #logFailure: (error: unknown) => void
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined
  #lastEvent = 0
  #isStopped = false
  #isHistoryHeld = false

  constructor(models: WrittenModels, logger: Logger, now = () => performance.now()) {
    this.#models = models
    this.#now = now
    this.#logFailure = throttle(LOG_EVERY_MS, error =>
      logger.error({ error }, 'the read models could not be written: trying again after the next change'),
    )
  }

  schedule(): void {
    this.#lastEvent = this.#now()
    this.#timer ??= this.#flushIn(ROWS_AFTER_MS, this.#lastEvent + ROWS_AT_LATEST_MS)
    if (this.#isHistoryHeld || this.#models.pendingHistoryBytes < HISTORY_AFTER_BYTES) return
    this.#isHistoryHeld = true
    this.#models.writeVersions().then(
      () => {
        this.#isHistoryHeld = false
      },
      () => undefined,
    )
  }

  #flushIn(milliseconds: number, atLatest: number): NodeJS.Timeout {
    return setTimeout(() => {
      const rest = Math.min(this.#lastEvent + PAUSE_MS, atLatest) - this.#now()
      const mayWait = rest > 0 && this.#models.unwrittenRows < MOST_UNWRITTEN_ROWS
      if (mayWait) this.#timer = this.#flushIn(rest, atLatest)
      else void this.#flush()
    }, milliseconds).unref()
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
