import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { CHECKPOINTS_STREAM, isLeaseStream, LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import { type Batch, NO_STREAM, WrongExpectedRevision } from '../../event-store/event-store.ts'
import { abortable } from '../../lib/abortable.ts'
import { first } from '../../lib/first.ts'
import type { ChainedStore } from '../hash-chain/hash-chained-store.ts'
import type { KeyFiles } from '../keys/key-files.ts'
import type { SigningKey } from '../keys/signing-key.ts'
import { CatchUpRest } from './catch-up-rest.ts'
import type { CheckpointStore, StoredCheckpoint } from './checkpoint-store.ts'
import { type CheckpointData, checkpointSigned, type KeyData, keyIntroduced } from './events.ts'
import { LogDigest, type NewlyCovered } from './log-digest.ts'

export const MAX_UNSIGNED_EVENTS = 10_000
/** Earlier events are hashed in slices, with rests that leave most of the thread to requests. */
const SLICE = 200

interface Logger {
  debug(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export interface CheckpointSignerOptions {
  readonly store: ChainedStore
  readonly keys: KeyFiles
  readonly checkpoints: CheckpointStore
  readonly everyMs: number
  readonly logger: Logger
  /** End of the log while the thread serves requests, to which hashing of earlier events gives way. */
  readonly servedTo?: () => Position | undefined
  /** Resolves once the thread serves requests, for which the stored state need not be loaded. */
  readonly whenServed?: () => Promise<unknown>
}

/** The log differs from its checkpoints; signing stops until an operator intervenes. */
export class TamperDetected extends Error {
  override readonly name = 'TamperDetected'
}

/** Another engine signed first, which is usual if several run on one log. */
export class CheckpointConflict extends Error {
  override readonly name = 'CheckpointConflict'

  constructor(options?: ErrorOptions) {
    super('another engine signed a checkpoint first', options)
  }
}

/** Leases and checkpoints need no new checkpoint: an idle engine would sign forever. */
const callsForCheckpoint = ({ stream, type }: Pick<RecordedEvent, 'stream' | 'type'>): boolean =>
  stream === CHECKPOINTS_STREAM ? type === 'SigningKeyIntroduced' : !isLeaseStream(stream)

/** A failure or conflict requires a new instance. */
export class CheckpointSigner {
  readonly #options: CheckpointSignerOptions
  readonly #digest: LogDigest
  readonly #failure = new AbortController()
  readonly #rest = new CatchUpRest()
  #position: Position
  #unsignedPosition: Position = BEGINNING
  #isLive = false
  #coveredRevision: number
  #coveredPosition: Position
  #streamRevision: number
  #initialRevision = NO_STREAM
  #lastKnownCheckpoint = NO_STREAM
  #keyId: string | undefined
  #key: SigningKey | undefined
  #pendingId: string | undefined
  #signedAt: string | undefined
  #signing: Promise<void> | undefined
  #progress = Promise.withResolvers<void>()
  readonly #hurry = new AbortController()
  #isRestored = false

  constructor(options: CheckpointSignerOptions) {
    this.#options = options
    const { newest } = options.checkpoints
    const covered = newest && { events: newest.events, logHash: newest.logHash }
    this.#digest = new LogDigest(covered)
    this.#coveredPosition = newest?.position ?? BEGINNING
    this.#position = this.#coveredPosition
    this.#coveredRevision = newest?.revision ?? NO_STREAM
    this.#streamRevision = this.#coveredRevision
    this.#keyId = newest?.keyId
  }

  get isSigning(): boolean {
    return this.#isLive && !this.#failure.signal.aborted && this.#key?.public.id === this.#keyId
  }

  /** It will sign once the log is read. */
  get canSign(): boolean {
    return !this.#failure.signal.aborted && this.#key !== undefined && this.#key.public.id === this.#keyId
  }

  /** The stored state is loaded, after which it takes the key. */
  get isRestored(): boolean {
    return this.#isRestored
  }

  get signedAt(): string | undefined {
    return this.#signedAt
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, everyMs } = this.#options
    const ended = AbortSignal.any([signal, this.#failure.signal])
    const timer = setInterval(() => void this.#signAtInterval(), everyMs).unref()
    try {
      await this.#begin(ended)
      for await (const batch of store.subscribe({ after: this.#position, prefixes: LOG_PREFIXES, signal: ended })) {
        // Before the events, because nothing is signed at intervals while it catches up.
        this.#isLive = batch.live
        await this.#addAll(batch, ended)
        this.#position = batch.position
        if (this.#digest.waiting >= MAX_UNSIGNED_EVENTS) await this.#sign()
        this.#progress.resolve()
        this.#progress = Promise.withResolvers()
      }
      if (this.#failure.signal.aborted) throw this.#failure.signal.reason
    } catch (cause) {
      const error = cause instanceof WrongExpectedRevision ? new CheckpointConflict({ cause }) : cause
      this.#failure.abort(error)
      throw error
    } finally {
      clearInterval(timer)
      this.#progress.resolve()
    }
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const { store, checkpoints } = this.#options
    if (checkpoints.newest !== undefined) await this.#restore(checkpoints.newest, signal)
    this.#isRestored = true
    for await (const event of store.readStream(CHECKPOINTS_STREAM, { from: checkpoints.newest?.revision ?? 0 })) {
      this.#streamRevision = event.revision
      this.#initialRevision = event.revision
      if (event.type === 'CheckpointSigned') {
        this.#lastKnownCheckpoint = event.revision
        this.#signedAt = (event.data as CheckpointData).time
      }
      if (event.type === 'SigningKeyIntroduced') this.#keyId = (event.data as KeyData).newKeyId
    }
    await this.#findKey()
    if (checkpoints.firstEvent !== undefined) return
    const event = await first(store.readAll({ prefixes: LOG_PREFIXES, limit: 1 }))
    if (event !== undefined) checkpoints.saveFirstEvent(event.id)
  }

  async #restore(newest: StoredCheckpoint, signal: AbortSignal): Promise<void> {
    const { store, checkpoints, whenServed } = this.#options
    const soon = AbortSignal.any([signal, this.#hurry.signal])
    if (whenServed !== undefined) await abortable(whenServed(), soon).catch(() => undefined)
    for (let from = 0, length = SLICE; length === SLICE && !signal.aborted; from += length) {
      const heads = checkpoints.heads(from, SLICE)
      this.#digest.restore(heads)
      length = heads.length
      await nextTurn()
    }
    signal.throwIfAborted()
    this.#isRestored = true
    if (newest.root !== this.#digest.tree.root)
      throw new TamperDetected(`the stored state of checkpoint ${newest.id} does not match its root`)
    if (!(await store.holds({ ...newest, stream: CHECKPOINTS_STREAM }, signal)))
      throw new TamperDetected(
        `the log does not have checkpoint ${newest.id}, which was signed: the log was truncated or replaced`,
      )
  }

  async #findKey(): Promise<void> {
    const { keys, logger } = this.#options
    this.#key = keys.read(this.#keyId)
    if (this.#key !== undefined) keys.publish(this.#key)
    if (this.#keyId === undefined) await this.#introduceKey()
    else if (this.#key?.public.id !== this.#keyId)
      logger.error(
        { keyId: this.#keyId },
        'no checkpoints are signed: the signing key of this log is missing; restore it or run hark audit rotate-key --lost',
      )
  }

  async #introduceKey(): Promise<void> {
    const { store, keys, logger } = this.#options
    const key = this.#key ?? keys.create()
    const introduced = keyIntroduced(key.public, key, new Date())
    const { revision } = await store.append(CHECKPOINTS_STREAM, this.#streamRevision, [introduced])
    this.#streamRevision = revision
    this.#key = key
    this.#keyId = key.public.id
    logger.debug({ keyId: key.public.id, file: keys.publicKeyFile }, 'introduced the signing key')
  }

  async #addAll({ events, live }: Batch, signal: AbortSignal): Promise<void> {
    for (let from = 0; from < events.length; from += SLICE) {
      const since = performance.now()
      for (const event of events.slice(from, from + SLICE)) this.#add(event)
      const end = live || this.#hurry.signal.aborted || signal.aborted ? undefined : this.#options.servedTo?.()
      if (end === undefined) continue
      const { position } = events[Math.min(from + SLICE, events.length) - 1] as RecordedEvent
      const restMs = this.#rest.after(performance.now() - since, end - position)
      await sleep(restMs, undefined, { signal }).catch(() => undefined)
    }
    if (live) this.#rest.startOver()
  }

  #add(event: RecordedEvent): void {
    const { stream, revision, position, time, type, data } = event
    const place = this.#digest.placeOf(stream)
    this.#digest.add({ stream, place, revision, position, time, hash: this.#options.store.hashOf(event) })
    if (callsForCheckpoint(event)) this.#unsignedPosition = position
    if (stream !== CHECKPOINTS_STREAM) return
    this.#streamRevision = Math.max(this.#streamRevision, revision)
    if (type === 'SigningKeyIntroduced' && revision > this.#initialRevision) {
      this.#keyId = (data as KeyData).newKeyId
      this.#key = this.#options.keys.read(this.#keyId)
    }
    if (type === 'CheckpointSigned' && revision > this.#coveredRevision) this.#applyCheckpoint(event)
  }

  #applyCheckpoint({ id, revision, data }: RecordedEvent): void {
    if (id === this.#pendingId) return
    if (this.#pendingId !== undefined) throw new CheckpointConflict()
    const { events, logHash, root, time } = data as CheckpointData
    this.#signedAt = time
    let covered: NewlyCovered
    try {
      covered = this.#digest.cover(events)
    } catch {
      throw new TamperDetected(`checkpoint ${id} covers ${events} events, but another number precedes it`)
    }
    if (covered.logHash !== logHash || this.#digest.tree.root !== root)
      throw new TamperDetected(`the log does not match checkpoint ${id}`)
    this.#save(id, revision, covered)
  }

  #save(id: string, revision: number, { events, logHash, entries }: NewlyCovered): void {
    const { root } = this.#digest.tree
    this.#coveredRevision = revision
    this.#coveredPosition = entries.at(-1)?.position ?? this.#coveredPosition
    const [position, keyId] = [this.#coveredPosition, this.#keyId as string]
    this.#options.checkpoints.save({ id, revision, events, logHash, root, position, keyId }, entries)
  }

  get #hasUnsigned(): boolean {
    return this.#unsignedPosition > this.#coveredPosition
  }

  async #signAtInterval(): Promise<void> {
    if (!this.#hasUnsigned || !this.#isLive || this.#failure.signal.aborted) return
    await this.#sign().catch(error => this.#failure.abort(error))
  }

  #sign(): Promise<void> {
    this.#signing ??= this.#signAll().finally(() => {
      this.#signing = undefined
    })
    return this.#signing
  }

  async #signAll(): Promise<void> {
    if (this.#key?.public.id !== this.#keyId) this.#key = this.#options.keys.read(this.#keyId)
    const key = this.#key
    const isBehind = this.#coveredRevision < this.#lastKnownCheckpoint
    if (isBehind || key === undefined || key.public.id !== this.#keyId) return
    // A failed append ends the run, because the digest then covers more than any checkpoint.
    const covered = this.#digest.cover(this.#digest.events)
    const { root, size: streams } = this.#digest.tree
    const now = new Date()
    const event = checkpointSigned({ events: covered.events, logHash: covered.logHash, root, streams }, key, now)
    this.#pendingId = event.id
    try {
      const { revision } = await this.#options.store.append(CHECKPOINTS_STREAM, this.#streamRevision, [event])
      this.#streamRevision = Math.max(this.#streamRevision, revision)
      this.#save(event.id, revision, covered)
      this.#signedAt = now.toISOString()
    } catch (error) {
      this.#failure.abort(error)
      throw error
    } finally {
      this.#pendingId = undefined
    }
  }

  /** Returns false if events stay unsigned: without a key, or after an earlier failure. */
  async signUpTo(position: Position, signal: AbortSignal): Promise<boolean> {
    this.#hurry.abort()
    const aborted = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => aborted.resolve(), { once: true })
    while (this.#position < position && !this.#failure.signal.aborted && !signal.aborted)
      await Promise.race([this.#progress.promise, aborted.promise])
    await this.#signing
    if (this.#hasUnsigned && !this.#failure.signal.aborted) await this.#sign()
    return this.#position >= position && !this.#hasUnsigned
  }
}
