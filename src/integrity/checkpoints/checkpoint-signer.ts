import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { CHECKPOINTS_STREAM, isLeaseStream, LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import { NO_STREAM, WrongExpectedRevision } from '../../event-store/event-store.ts'
import { first } from '../../lib/first.ts'
import type { ChainedStore } from '../hash-chain/hash-chained-store.ts'
import type { KeyFiles } from '../keys/key-files.ts'
import type { SigningKey } from '../keys/signing-key.ts'
import type { CheckpointStore } from './checkpoint-store.ts'
import { type CheckpointData, checkpointSigned, type KeyData, keyIntroduced } from './events.ts'
import { LogDigest, type NewlyCovered } from './log-digest.ts'

/** More than these are not left to a later checkpoint: who checks has them in memory, and each waits for its signature. */
export const MOST_EVENTS = 10_000

interface Logger {
  debug(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export interface FollowedLogOptions {
  readonly store: ChainedStore
  readonly keys: KeyFiles
  readonly memory: CheckpointStore
  /** How long news may wait for a checkpoint, in milliseconds. */
  readonly everyMs: number
  readonly logger: Logger
}

/** What must not be gone on from: somebody is to look at it. */
export class TamperDetected extends Error {
  override readonly name = 'Tampered'
}

/** Another engine was faster with a checkpoint: that happens all the time where several run on one log. */
export class CheckpointConflict extends Error {
  override readonly name = 'Outpaced'
}

/** Turns at routers and checkpoints are no news: nobody would have done anything. A new key is to show itself. */
const isNews = ({ stream, type }: Pick<RecordedEvent, 'stream' | 'type'>): boolean =>
  stream === CHECKPOINTS_STREAM ? type === 'SigningKeyIntroduced' : !isLeaseStream(stream)

/**
 * The log, followed from the newest checkpoint that is remembered, and signed every so often where there is news. It goes on
 * until something comes between, such as another engine that was faster with a checkpoint: then it is begun again.
 */
export class CheckpointSigner {
  readonly #options: FollowedLogOptions
  readonly #digest: LogDigest
  readonly #broken = new AbortController()
  #position: Position
  /** Of the newest event that is news. */
  #newsPosition: Position = BEGINNING
  #isLive = false
  /** Of the checkpoint that says what is covered. */
  #coveredRevision: number
  /** Of the last event that is covered. */
  #coveredPosition: Position
  /** Of the last event in the stream of checkpoints that is known. */
  #newestRevision: number
  /** Of the last event there when the following began: what it says of keys is known. */
  #begunAt = NO_STREAM
  /** Of the last checkpoint there was then: it is come by before another is made. */
  #lastAhead = NO_STREAM
  #keyId: string | undefined
  #key: SigningKey | undefined
  /** The id of the checkpoint that is being written. */
  #signingId: string | undefined
  /** What the newest checkpoint that is known says of when it was signed. */
  #signedAt: string | undefined
  #signing: Promise<void> | undefined
  #moved = Promise.withResolvers<void>()

  constructor(options: FollowedLogOptions) {
    this.#options = options
    const { newest } = options.memory
    this.#digest = new LogDigest(newest && { events: newest.events, logHash: newest.logHash }, options.memory.heads())
    this.#coveredPosition = newest?.position ?? BEGINNING
    this.#position = this.#coveredPosition
    this.#coveredRevision = newest?.revision ?? NO_STREAM
    this.#newestRevision = this.#coveredRevision
    this.#keyId = newest?.keyId
  }

  /** Whether what is new is signed here, as far as can be told now. */
  get isSigning(): boolean {
    return this.#isLive && !this.#broken.signal.aborted && this.#key?.public.id === this.#keyId
  }

  /** RFC 3339; undefined while no checkpoint is known. */
  get signedAt(): string | undefined {
    return this.#signedAt
  }

  /**
   * @throws Tampered where the log is not what was signed
   * @throws Error where it is to be begun again
   */
  async follow(signal: AbortSignal): Promise<void> {
    const { store, everyMs } = this.#options
    const ended = AbortSignal.any([signal, this.#broken.signal])
    const timer = setInterval(() => void this.#signNews(), everyMs).unref()
    try {
      await this.#begin(ended)
      for await (const batch of store.subscribe({ after: this.#position, prefixes: LOG_PREFIXES, signal: ended })) {
        for (const event of batch.events) this.#take(event)
        this.#position = batch.position
        this.#isLive = batch.live
        if (this.#digest.waiting.length >= MOST_EVENTS) await this.#sign()
        this.#moved.resolve()
        this.#moved = Promise.withResolvers()
      }
      if (this.#broken.signal.aborted) throw this.#broken.signal.reason
    } catch (cause) {
      const isOutpaced = cause instanceof WrongExpectedRevision
      const error = isOutpaced ? new CheckpointConflict('another engine signed a checkpoint first', { cause }) : cause
      this.#broken.abort(error)
      throw error
    } finally {
      clearInterval(timer)
      this.#moved.resolve()
    }
  }

  /** Where the stream of checkpoints stands, and whose key signs. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { store, keys, memory, logger } = this.#options
    const { newest } = memory
    if (newest !== undefined && newest.root !== this.#digest.tree.root)
      throw new TamperDetected(`what is remembered of checkpoint ${newest.id} does not add up to it`)
    if (newest !== undefined && !(await store.holds({ ...newest, stream: CHECKPOINTS_STREAM }, signal)))
      throw new TamperDetected(
        `the log has no checkpoint ${newest.id}, which was signed: its end was cut off, or it is another log`,
      )
    for await (const event of store.readStream(CHECKPOINTS_STREAM, { from: newest?.revision ?? 0 })) {
      this.#newestRevision = event.revision
      this.#begunAt = event.revision
      if (event.type === 'CheckpointSigned') {
        this.#lastAhead = event.revision
        this.#signedAt = (event.data as CheckpointData).time
      }
      if (event.type === 'SigningKeyIntroduced') this.#keyId = (event.data as KeyData).newKeyId
    }
    this.#key = keys.read(this.#keyId)
    if (this.#key !== undefined) keys.publish(this.#key)
    if (this.#keyId === undefined) await this.#introduce()
    else if (this.#key?.public.id !== this.#keyId)
      logger.error(
        { keyId: this.#keyId },
        'the key that signs this log is not here: no checkpoint is signed until it is, or another is introduced',
      )
    if (memory.firstEvent !== undefined) return
    const event = await first(store.readAll({ prefixes: LOG_PREFIXES, limit: 1 }))
    if (event !== undefined) memory.rememberFirst(event.id)
  }

  async #introduce(): Promise<void> {
    const { store, keys, logger } = this.#options
    const key = this.#key ?? keys.create()
    const introduced = keyIntroduced(key.public, key, new Date())
    const { revision } = await store.append(CHECKPOINTS_STREAM, this.#newestRevision, [introduced])
    this.#newestRevision = revision
    this.#key = key
    this.#keyId = key.public.id
    logger.debug({ keyId: key.public.id, file: keys.publicKeyFile }, 'checkpoints are signed with a new key')
  }

  #take(event: RecordedEvent): void {
    const { stream, revision, position, time } = event
    const place = this.#digest.placeOf(stream)
    this.#digest.add({ stream, place, revision, position, time, hash: this.#options.store.hashOf(event) })
    if (isNews(event)) this.#newsPosition = position
    if (stream !== CHECKPOINTS_STREAM) return
    this.#newestRevision = Math.max(this.#newestRevision, revision)
    if (event.type === 'SigningKeyIntroduced' && revision > this.#begunAt) this.#takeKey(event.data as KeyData)
    if (event.type === 'CheckpointSigned' && revision > this.#coveredRevision) this.#takeCheckpoint(event)
  }

  #takeKey({ newKeyId }: KeyData): void {
    this.#keyId = newKeyId
    this.#key = this.#options.keys.read(newKeyId)
  }

  /** Of another engine, or of this one before it was ended. */
  #takeCheckpoint({ id, revision, data }: RecordedEvent): void {
    if (id === this.#signingId) return
    if (this.#signingId !== undefined) throw new CheckpointConflict('another engine signed a checkpoint first')
    const { events, logHash, root, time } = data as CheckpointData
    this.#signedAt = time
    let covered: NewlyCovered
    try {
      covered = this.#digest.cover(events)
    } catch {
      throw new TamperDetected(`checkpoint ${id} covers ${events} events, which are not those before it`)
    }
    if (covered.logHash !== logHash || this.#digest.tree.root !== root)
      throw new TamperDetected(`the log is not what checkpoint ${id} says of it`)
    this.#remember(id, revision, covered)
  }

  #remember(id: string, revision: number, covered: NewlyCovered): void {
    const { events, logHash, entries } = covered
    const { position } = entries.at(-1) ?? { position: this.#coveredPosition }
    const { root } = this.#digest.tree
    this.#coveredRevision = revision
    this.#coveredPosition = position
    const keyId = this.#keyId as string
    this.#options.memory.remember({ id, revision, events, logHash, root, position, keyId }, entries)
  }

  get #hasNews(): boolean {
    return this.#newsPosition > this.#coveredPosition
  }

  async #signNews(): Promise<void> {
    if (!this.#hasNews || !this.#isLive || this.#broken.signal.aborted) return
    await this.#sign().catch(error => this.#broken.abort(error))
  }

  /** One at a time: what asks while one is made is content with it. */
  #sign(): Promise<void> {
    this.#signing ??= this.#signAll().finally(() => {
      this.#signing = undefined
    })
    return this.#signing
  }

  async #signAll(): Promise<void> {
    if (this.#key?.public.id !== this.#keyId) this.#key = this.#options.keys.read(this.#keyId)
    const key = this.#key
    const isBehind = this.#coveredRevision < this.#lastAhead
    if (isBehind || key === undefined || key.public.id !== this.#keyId) return
    // Whatever goes wrong from here on, what is covered here is not what the log says: it is begun again.
    const covered = this.#digest.cover(this.#digest.events)
    const { root, size: streams } = this.#digest.tree
    const now = new Date()
    const event = checkpointSigned({ events: covered.events, logHash: covered.logHash, root, streams }, key, now)
    this.#signingId = event.id
    try {
      const { revision } = await this.#options.store.append(CHECKPOINTS_STREAM, this.#newestRevision, [event])
      this.#newestRevision = Math.max(this.#newestRevision, revision)
      this.#remember(event.id, revision, covered)
      this.#signedAt = now.toISOString()
    } catch (error) {
      this.#broken.abort(error)
      throw error
    } finally {
      this.#signingId = undefined
    }
  }

  /**
   * Signs all that the log has up to a position, once that was come by.
   *
   * @throws Error where it cannot be signed
   */
  async signUpTo(position: Position, signal: AbortSignal): Promise<void> {
    const given = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => given.resolve(), { once: true })
    while (this.#position < position && !this.#broken.signal.aborted && !signal.aborted)
      await Promise.race([this.#moved.promise, given.promise])
    await this.#signing
    if (this.#hasNews && !this.#broken.signal.aborted) await this.#sign()
  }
}
