import type { HarkError } from '../../../schemas/errors.ts'
import { REFUSALS_STREAM } from '../../../schemas/events/streams.ts'
import { type EventStore, type EventToAppend, NO_STREAM, WrongExpectedRevision } from '../../event-store/event-store.ts'
import type { Logger } from '../../lib/logger.ts'
import { throttle } from '../../lib/throttle.ts'
import { newEvent } from './event-metadata.ts'
import type { Caller } from './types.ts'

/** A command that was not done. */
export interface RejectedCommand {
  /** The mutation. */
  readonly command: string
  readonly input: Readonly<Record<string, unknown>>
  readonly error: HarkError
  readonly caller: Caller
}

/** What is larger is told by its size alone: nobody is to fill the disk with what is refused. */
const LONGEST_INPUT = 8192
/** Of a name, or of what was answered, in characters; names that are any are shorter. */
const LONGEST_TEXT = 1000
/** Together they fit into one append, be they as large as may be. */
const AT_ONCE = 25
/** What waits for a store that does not answer must not take all memory. */
const MOST_WAITING = 1000
const MAX_ATTEMPTS = 50
/** While the store takes none it is told this often. */
const TELL_EVERY_MS = 60_000

interface Waiting {
  readonly event: EventToAppend
  resolve(): void
}

const shortened = (text: string): string => text.slice(0, LONGEST_TEXT)

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const toEvent = ({ command, input, error, caller }: RejectedCommand): EventToAppend => {
  const bytes = Buffer.byteLength(JSON.stringify(input))
  const [namespace, name] = [textOf(input.namespace), textOf(input.name)]
  const data = {
    command,
    ...(namespace !== undefined && { namespace: shortened(namespace) }),
    ...(name !== undefined && { name: shortened(name) }),
    input: bytes <= LONGEST_INPUT ? { ...input } : { omittedBytes: bytes },
    code: error.code,
    message: shortened(error.message),
  }
  return newEvent({ type: 'CommandRefused', data }, { caller })
}

/** Writes down which commands were refused, in a stream of their own; those that come together share an append. */
export class RejectedCommandLog {
  readonly #store: EventStore
  /** What it is of is counted and not told: what callers send is no business of the log's. */
  readonly #tellOfLoss: (reason: object) => void
  #lost = 0
  /** Of the last event, as far as it is known here: others append too. */
  #revision: number | undefined
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined

  constructor(store: EventStore, logger: Logger) {
    this.#store = store
    this.#tellOfLoss = throttle(TELL_EVERY_MS, (reason: object) =>
      logger.error({ ...reason, lost: this.#lost }, 'refused commands could not be written down'),
    )
  }

  /** Resolves when it is durable; also where that cannot be, which is logged: a refusal is to be answered all the same. */
  async write(refused: RejectedCommand): Promise<void> {
    const event = toEvent(refused)
    if (this.#waiting.length >= MOST_WAITING) {
      this.#lose(1, { reason: 'too many wait for the store' })
      return
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ event, resolve })
    this.#writing ??= this.#write()
    await promise
  }

  #lose(count: number, reason: object): void {
    this.#lost += count
    this.#tellOfLoss(reason)
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, AT_ONCE)
      try {
        await this.#append(batch.map(({ event }) => event))
      } catch (error) {
        this.#lose(batch.length, { error })
      }
      this.#waiting = this.#waiting.slice(batch.length)
      for (const { resolve } of batch) resolve()
    }
    this.#writing = undefined
  }

  async #append(events: readonly EventToAppend[]): Promise<void> {
    let expected = this.#revision ?? NO_STREAM
    for (let attempt = 1; ; attempt++) {
      try {
        this.#revision = (await this.#store.append(REFUSALS_STREAM, expected, events)).revision
        return
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === MAX_ATTEMPTS) throw error
        expected = error.actual
      }
    }
  }

  /** Resolves when nothing waits any more. */
  async close(): Promise<void> {
    await this.#writing
  }
}
