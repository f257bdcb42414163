import { setTimeout as sleep } from 'node:timers/promises'
import { unavailable } from '../../../schemas/errors.ts'
import { BEGINNING } from '../../../schemas/events/recorded-event.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { RebuildSlice, RunningRebuild } from './types.ts'

const RETRY_MS = 10_000
/** Each attempt may read the whole log, and fill a disk that lacks the space for it. */
const LONGEST_RETRY_MS = 600_000

interface Parts {
  readonly models: Pick<ReadModels, 'position'>
  readonly recorder: Recorder
  readonly projector: Projector
  readonly rebuild: Pick<RunningRebuild, 'slice'>
  readonly logger: Logger
  readonly timeoutMs: number
  /** Of so many events the history is noted before the read models are ready. */
  readonly mostNoted: number
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

const pauseFor = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined)

/**
 * The history of a long log is made by a rebuild once the read models are ready, for which they would otherwise wait twice
 * as long.
 */
export class DeferredHistory {
  readonly #parts: Parts
  readonly #closing = new AbortController()
  readonly #over = Promise.withResolvers<void>()
  #percent = 0
  #retryMs = RETRY_MS

  /** Must be created before the projector starts. */
  constructor(parts: Parts) {
    this.#parts = parts
    if (parts.recorder.isDeferred) void this.#complete()
    else if (parts.models.position === BEGINNING) this.#deferIfLong()
  }

  #deferIfLong(): void {
    const { projector, recorder, mostNoted } = this.#parts
    let noted = 0
    const end = projector.onBatch(({ events }) => {
      noted += events
      if (!projector.ready && noted < mostNoted) return
      end()
      if (projector.ready) return
      recorder.defer()
      void this.#complete()
    })
  }

  async #complete(): Promise<void> {
    const { recorder, projector, logger } = this.#parts
    const { signal } = this.#closing
    const isReady = await projector.whenReady().then(
      () => true,
      () => false,
    )
    if (!isReady) return
    logger.info({}, 'the history of states follows: it is made from the log')
    const { pause = pauseFor } = this.#parts
    while (recorder.isDeferred && !signal.aborted) await this.#rebuild().catch(() => pause(this.#retryMs, signal))
    this.#over.resolve()
  }

  async #rebuild(): Promise<void> {
    for (let after: string | undefined; ; ) {
      const { done, total, next } = await this.#slice(after)
      if (next === undefined) return
      this.#percent = Math.floor((done / total) * 100)
      after = next
    }
  }

  async #slice(after: string | undefined): Promise<RebuildSlice> {
    try {
      return await this.#parts.rebuild.slice({ after, compares: false })
    } catch (error) {
      // One that could not begin has cost nothing.
      this.#retryMs = after === undefined ? RETRY_MS : Math.min(2 * this.#retryMs, LONGEST_RETRY_MS)
      throw error
    }
  }

  async whenWhole(): Promise<void> {
    const { recorder, timeoutMs } = this.#parts
    if (!recorder.isDeferred) return
    const late = new AbortController()
    const waiting = sleep(timeoutMs, undefined, { signal: late.signal, ref: false }).catch(() => undefined)
    await Promise.race([this.#over.promise, waiting]).finally(() => late.abort())
    if (recorder.isDeferred)
      throw unavailable(
        `the history of states is still made from the log, ${this.#percent} % are done: try again later`,
      )
  }

  close(): void {
    this.#closing.abort()
  }
}
