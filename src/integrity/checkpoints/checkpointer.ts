import { setTimeout as wait } from 'node:timers/promises'
import { LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import { lastPositionOrDamage } from '../../event-store/last-event.ts'
import { abortable } from '../../lib/abortable.ts'
import { throttle } from '../../lib/throttle.ts'
import { CheckpointConflict, CheckpointSigner, type FollowedLogOptions, TamperDetected } from './checkpoint-signer.ts'
import { CheckpointStore } from './checkpoint-store.ts'
import type { SigningStatus } from './signing-status.ts'

/** In the data folder. */
export const CHECKPOINTS_FILE = 'checkpoints.db'

const RETRY_MS = 1000
/** While something goes on failing it is told this often. */
const TELL_EVERY_MS = 60_000
/** How long the last checkpoint may take when Hark ends. */
const CLOSING_PATIENCE_MS = 5000
/** The same where nothing was signed lately, and probably will not be. */
const SHORT_PATIENCE_MS = 1000

export interface CheckpointerOptions extends Omit<FollowedLogOptions, 'memory'> {
  /** The path of the file that remembers the newest checkpoint. */
  readonly memoryFile: string
}

/** Signs what the log is for as long as Hark runs, and what it was when Hark ended. */
export class Checkpointer {
  readonly #options: FollowedLogOptions
  readonly #abort = new AbortController()
  #log: CheckpointSigner
  #running: Promise<void> = Promise.resolve()

  /** @throws Error where the memory cannot be opened */
  constructor({ memoryFile, ...options }: CheckpointerOptions) {
    this.#options = { ...options, memory: new CheckpointStore(memoryFile) }
    this.#log = new CheckpointSigner(this.#options)
  }

  get status(): SigningStatus {
    const { isSigning, signedAt } = this.#log
    return { isSigning, signedAt }
  }

  start(): void {
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    const { logger } = this.#options
    const { signal } = this.#abort
    const tellOfFailure = throttle(TELL_EVERY_MS, (error: unknown) =>
      logger.warn({ error }, 'a checkpoint could not be signed: trying again'),
    )
    while (!signal.aborted) {
      try {
        this.#log = new CheckpointSigner(this.#options)
        // Where the store does not answer, what it is asked may go on for longer than anybody waits.
        await abortable(this.#log.follow(signal), signal)
      } catch (error) {
        if (error instanceof TamperDetected) {
          logger.error({ reason: error.message }, 'no checkpoint is signed any more: run hark audit verify')
          return
        }
        if (signal.aborted) return
        if (error instanceof CheckpointConflict) logger.debug({}, 'another engine signed a checkpoint first')
        else tellOfFailure(error)
      }
      await wait(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Signs what is not signed yet, where that is possible in time. */
  async close(): Promise<void> {
    const { store, logger, memory } = this.#options
    const patience = AbortSignal.timeout(this.#log.isSigning ? CLOSING_PATIENCE_MS : SHORT_PATIENCE_MS)
    try {
      await this.#log.signUpTo(await abortable(lastPositionOrDamage(store, LOG_PREFIXES), patience), patience)
    } catch (error) {
      logger.warn({ error }, 'the last checkpoint could not be signed: the next start makes up for it')
    }
    this.#abort.abort()
    await this.#running
    memory.close()
  }
}
