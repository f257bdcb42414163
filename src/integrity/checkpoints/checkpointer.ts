import { setTimeout as sleep } from 'node:timers/promises'
import { LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import { lastPositionOrDamage } from '../../event-store/last-event.ts'
import { abortable } from '../../lib/abortable.ts'
import { throttle } from '../../lib/throttle.ts'
import {
  CheckpointConflict,
  CheckpointSigner,
  type CheckpointSignerOptions,
  TamperDetected,
} from './checkpoint-signer.ts'
import { CheckpointStore } from './checkpoint-store.ts'

/** Relative to the data folder. */
export const CHECKPOINTS_FILE = 'checkpoints.db'

const RETRY_MS = 1000
const WARN_EVERY_MS = 60_000
const CLOSE_TIMEOUT_MS = 5000
/** Applies if signing failed before, or is not possible. */
const IDLE_CLOSE_TIMEOUT_MS = 1000

export interface SigningStatus {
  readonly isSigning: boolean
  readonly signedAt: string | undefined
}

interface CheckpointerOptions extends Omit<CheckpointSignerOptions, 'checkpoints'> {
  readonly checkpointFile: string
}

export class Checkpointer {
  readonly #options: CheckpointSignerOptions
  readonly #abort = new AbortController()
  #signer: CheckpointSigner
  #running: Promise<void> | undefined

  constructor({ checkpointFile, ...options }: CheckpointerOptions) {
    this.#options = { ...options, checkpoints: new CheckpointStore(checkpointFile) }
    this.#signer = new CheckpointSigner(this.#options)
  }

  get status(): SigningStatus {
    const { isSigning, signedAt } = this.#signer
    return { isSigning, signedAt }
  }

  /** It has the key, and signs once the log is read. */
  get canSign(): boolean {
    return this.#signer.canSign
  }

  start(): void {
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    const { logger } = this.#options
    const { signal } = this.#abort
    const warn = throttle(WARN_EVERY_MS, (error: unknown) =>
      logger.warn({ error }, 'a checkpoint could not be signed: trying again'),
    )
    while (!signal.aborted) {
      try {
        // A hanging store may not react to the signal.
        await abortable(this.#signer.run(signal), signal)
      } catch (error) {
        if (error instanceof TamperDetected) {
          logger.error({ reason: error.message }, 'no more checkpoints are signed: run hark audit verify')
          return
        }
        if (signal.aborted) return
        if (error instanceof CheckpointConflict) logger.debug({}, error.message)
        else warn(error)
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) this.#signer = new CheckpointSigner(this.#options)
    }
  }

  async close(): Promise<void> {
    if (this.#running !== undefined) await this.#signRest()
    this.#abort.abort()
    await this.#running
    this.#options.checkpoints.close()
  }

  async #signRest(): Promise<void> {
    const { store, logger } = this.#options
    const warn = (details: object) =>
      logger.warn(details, 'the last checkpoint could not be signed: the next start signs it')
    const timeout = AbortSignal.timeout(this.canSign ? CLOSE_TIMEOUT_MS : IDLE_CLOSE_TIMEOUT_MS)
    try {
      const end = await abortable(lastPositionOrDamage(store, LOG_PREFIXES), timeout)
      // The store responds, and the key is known only once the stored state is loaded.
      const limit = this.#signer.isRestored ? timeout : AbortSignal.timeout(CLOSE_TIMEOUT_MS)
      if (!(await this.#signer.signUpTo(end, limit))) warn({})
    } catch (error) {
      warn({ error })
    }
  }
}
