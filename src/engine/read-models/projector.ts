import { setTimeout as sleep } from 'node:timers/promises'
import { unavailable } from '../../../schemas/errors.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import {
  AnotherLog,
  type Batch,
  type EventStore,
  StoreCorrupted,
  StoreUnavailable,
} from '../../event-store/event-store.ts'
import type { Logger } from '../../lib/logger.ts'
import { Observers } from '../../lib/observers.ts'
import { throttle } from '../../lib/throttle.ts'
import type { Moment } from '../queries/types.ts'
import { decodeEvent, placeOf } from './decode-event.ts'
import { ReadModelsStopped } from './errors.ts'
import { isEmptyLog, LogMissing } from './known-log.ts'
import type { ReadModel } from './read-model.ts'
import type { ChangesByModel, ModelName, ReadModels } from './read-models.ts'

/** How long rows may wait to be written down: what a crash makes the next start project again. */
const WRITE_DELAY_MS = 5000
/** So many bytes of versions are written down at once: they take memory until then. */
const MOST_VERSION_BYTES = 4_000_000
const WAITER_SWEEP_MS = 500
const RETRY_MS = 500
/** While something goes on failing it is told this often. */
const TELL_EVERY_MS = 60_000

/** The clock of a store may be ahead of this one by so much. */
const MOST_AHEAD_MS = 5000

/** Where a log stands that nothing was read of. */
const START: Moment = { position: BEGINNING, time: new Date(0).toISOString() }

interface Waiter {
  readonly position: Position
  readonly deadline: number
  resolve(): void
  reject(error: Error): void
}

export interface ProjectorOptions {
  readonly store: EventStore
  readonly models: ReadModels
  readonly logger: Logger
  /** How long a command waits for the read side to show it. */
  readonly patienceMs: number
  /** What knows of events in the log: it must not be empty then. */
  readonly knownEvents?: string
}

/** What one event did to the read models. */
export interface Projected {
  readonly event: HarkEvent
  /** As it was recorded, in whatever version of its schema. */
  readonly recorded: RecordedEvent
  readonly changes: ChangesByModel
}

/** Follows the log and feeds every read model each event once, in order. */
export class Projector {
  readonly #options: ProjectorOptions
  readonly #abort = new AbortController()
  readonly #observers: Observers<Projected>
  readonly #swapObservers: Observers
  readonly #stopObservers: Observers
  readonly #unknownTypes = new Set<string>()
  readonly #backlogs = new Map<ModelName, HarkEvent[]>()
  readonly #caughtUp = Promise.withResolvers<void>()
  readonly #tellOfOutage = throttle(TELL_EVERY_MS, (error: StoreUnavailable) =>
    this.#options.logger.warn({ error }, 'the event store does not answer: trying again'),
  )
  readonly #tellOfUnwritten = throttle(TELL_EVERY_MS, (error: unknown) =>
    this.#options.logger.error(
      { error },
      'the read models could not be written down: trying again with the next change',
    ),
  )
  readonly #tellOfTimeAhead = throttle(TELL_EVERY_MS, (aheadSeconds: number) =>
    this.#options.logger.warn(
      { logTime: this.#head.time, aheadSeconds },
      'the time of the log is ahead of the clock: until the clock is there, every event is recorded at that time',
    ),
  )
  #waiters: Waiter[] = []
  #head: Moment
  /** Whether the log was found to go on from the rows that were there at the start. */
  #goesOn = false
  #live = false
  #ready = false
  #stopped: ReadModelsStopped | undefined
  #writeTimer: NodeJS.Timeout | undefined
  /** Versions are being written, or could not be and wait for the next write of all. */
  #areVersionsHeld = false
  #sweepTimer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: ProjectorOptions) {
    this.#options = options
    this.#observers = new Observers(options.logger)
    this.#swapObservers = new Observers(options.logger)
    this.#stopObservers = new Observers(options.logger)
    // Whoever waits is told; where nobody does, the log is.
    this.#caughtUp.promise.catch(() => undefined)
    const { position, lastEvent } = options.models
    this.#head = { ...START, position, ...(lastEvent && { time: lastEvent.time }) }
  }

  /** The newest moment that the read models have taken in. */
  get head(): Moment {
    return this.#head
  }

  get live(): boolean {
    return this.#live
  }

  get ready(): boolean {
    return this.#ready
  }

  /** Why the log is followed no further, which nothing but another start changes; undefined while it is. */
  get stopped(): ReadModelsStopped | undefined {
    return this.#stopped
  }

  /** Rejects with ReadModelsStopped where they never will be. */
  whenReady(): Promise<void> {
    return this.#stopped === undefined ? this.#caughtUp.promise : Promise.reject(this.#stopped)
  }

  /**
   * Told of every event that was projected, after the read models show it and before anybody who waits for it. Returns
   * what ends it. See Observers for one that throws.
   */
  onProjected(observer: (projected: Projected) => void, onFailure?: (error: unknown) => void): () => void {
    return this.#observers.add(observer, onFailure)
  }

  /** Told when a rebuilt read model has taken the place of another. Returns what ends it. */
  onSwap(observer: () => void, onFailure?: (error: unknown) => void): () => void {
    return this.#swapObservers.add(observer, onFailure)
  }

  /** Told when the log is followed no further. Returns what ends it. */
  onStop(observer: () => void): () => void {
    return this.#stopObservers.add(observer)
  }

  start(): void {
    this.#sweepTimer = setInterval(() => this.#sweepWaiters(), WAITER_SWEEP_MS).unref()
    this.#running = this.#run().catch(error => this.#stop(error))
  }

  #stop(error: unknown): void {
    const place = error instanceof StoreCorrupted ? error.location : undefined
    this.#options.logger.fatal({ error, place }, 'the projector has stopped: nothing new will be shown')
    this.#live = false
    this.#ready = false
    const stopped = new ReadModelsStopped(error)
    this.#stopped = stopped
    this.#caughtUp.reject(stopped)
    for (const waiter of this.#waiters.splice(0)) waiter.reject(stopped)
    this.#stopObservers.notify()
  }

  /**
   * Resolves when the read models show everything up to this position; rejects with UNAVAILABLE when that takes too long,
   * and with ReadModelsStopped where they never will.
   */
  reached(position: Position): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    if (position <= this.#head.position) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiters.push({ position, deadline: performance.now() + this.#options.patienceMs, resolve, reject })
    return promise
  }

  async #run(): Promise<void> {
    const { store, models } = this.#options
    await this.#checkLog()
    const { signal } = this.#abort
    for (const [name, model] of models.rebuilding) {
      this.#backlogs.set(name, [])
      void this.#rebuild(name, model)
    }
    while (!signal.aborted) {
      try {
        for await (const batch of store.subscribe({
          after: this.#head.position,
          prefixes: READ_MODEL_PREFIXES,
          signal,
        }))
          this.#take(batch)
        if (!signal.aborted) throw new Error('the following of the log has ended, which nobody asked for')
      } catch (error) {
        // What came before it is shown.
        this.#releaseWaiters()
        if (error instanceof AnotherLog && !this.#goesOn) {
          this.#backlogs.clear()
          await this.#startOver()
          continue
        }
        if (!(error instanceof StoreUnavailable)) throw error
        this.#live = false
        this.#tellOfOutage(error)
        await this.#pause(RETRY_MS)
      }
    }
  }

  /** Rows that were made from another log, or from more of this one than there is, would be lies about it. */
  async #checkLog(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        const { store, knownEvents } = this.#options
        if (knownEvents !== undefined && (await isEmptyLog(store))) throw new LogMissing(knownEvents)
        if (!(await this.#hasLastEvent())) await this.#startOver()
        return
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        this.#tellOfOutage(error)
        await this.#pause(RETRY_MS)
      }
    }
  }

  async #startOver(): Promise<void> {
    const { models, logger } = this.#options
    logger.warn('the read models were made from another log: building them anew')
    this.#head = START
    await models.startOver()
  }

  /** Whether the last event that the rows were made from is where it was. */
  async #hasLastEvent(): Promise<boolean> {
    const { models, store } = this.#options
    if (models.lastEvent === undefined && models.position !== BEGINNING) return false
    for (const last of models.foundUpTo) if (!(await store.holds(last, this.#abort.signal))) return false
    return true
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#abort.signal }).catch(() => undefined)
  }

  #take(batch: Batch): void {
    const { models } = this.#options
    const followers = models.followers()
    this.#goesOn ||= batch.live || batch.events.length > 0
    for (const recorded of batch.events) {
      const event = this.#understand(recorded)
      if (event === undefined) continue
      const changes: { [Name in ModelName]?: unknown } = {}
      for (const [name, model] of followers) changes[name] = projected(model, event, recorded)
      for (const backlog of this.#backlogs.values()) backlog.push(event)
      models.noteLastEvent(event)
      this.#head = { position: event.position, time: event.time }
      this.#observers.notify({ event, recorded, changes: changes as ChangesByModel })
    }
    for (const [, model] of followers) model.advance(batch.position)
    if (batch.position > this.#head.position) this.#head = { ...this.#head, position: batch.position }
    this.#live = batch.live
    if (batch.live) this.#checkTime()
    if (batch.live && !this.#ready) {
      this.#ready = true
      this.#caughtUp.resolve()
    }
    this.#releaseWaiters()
    if (batch.events.length > 0) this.#scheduleWrite()
  }

  /** Log time never goes back: where a clock was ahead once, what is recorded since is told of the wrong time. */
  #checkTime(): void {
    const ahead = Date.parse(this.#head.time) - Date.now()
    if (ahead > MOST_AHEAD_MS) this.#tellOfTimeAhead(Math.round(ahead / 1000))
  }

  #understand(recorded: Batch['events'][number]): HarkEvent | undefined {
    const event = decodeEvent(recorded)
    if (event === undefined && !this.#unknownTypes.has(recorded.type)) {
      this.#unknownTypes.add(recorded.type)
      this.#options.logger.warn(
        { type: recorded.type },
        'events of a type that this version does not know are passed over',
      )
    }
    return event
  }

  #releaseWaiters(): void {
    const { position } = this.#head
    const waiting = this.#waiters
    if (waiting.length === 0) return
    this.#waiters = waiting.filter(waiter => waiter.position > position)
    for (const waiter of waiting) if (waiter.position <= position) waiter.resolve()
  }

  #sweepWaiters(): void {
    const now = performance.now()
    const late = this.#waiters.filter(({ deadline }) => deadline <= now)
    if (late.length === 0) return
    this.#waiters = this.#waiters.filter(({ deadline }) => deadline > now)
    for (const waiter of late)
      waiter.reject(unavailable('the event store has the change, but does not deliver it: ask again'))
  }

  /** Projects the log again from where this model stands, and lets it take its place when it has seen what readers see. */
  async #rebuild(name: ModelName, model: ReadModel): Promise<void> {
    const { store, models, logger } = this.#options
    logger.info({ model: name, from: model.position }, 'rebuilding a read model: its version has changed')
    const done = new AbortController()
    const signal = AbortSignal.any([this.#abort.signal, done.signal])
    try {
      for await (const batch of store.subscribe({ after: model.position, prefixes: READ_MODEL_PREFIXES, signal })) {
        for (const recorded of batch.events) {
          const event = this.#understand(recorded)
          if (event !== undefined) projected(model, event, recorded)
        }
        this.#scheduleWrite()
        if (batch.live || batch.position >= this.#head.position) done.abort()
      }
      if (this.#abort.signal.aborted) return
      for (const event of this.#backlogs.get(name) ?? []) model.project(event)
      model.advance(this.#head.position)
      this.#backlogs.delete(name)
      const written = models.finishRebuild(name)
      this.#swapObservers.notify()
      await written
      logger.info({ model: name, position: model.position }, 'the read model is rebuilt')
    } catch (error) {
      logger.error({ error, model: name }, 'a read model could not be rebuilt: the older one stays')
    }
  }

  #scheduleWrite(): void {
    const { models } = this.#options
    this.#writeTimer ??= setTimeout(() => void this.#write(), WRITE_DELAY_MS).unref()
    if (this.#areVersionsHeld || models.pendingHistoryBytes < MOST_VERSION_BYTES) return
    this.#areVersionsHeld = true
    // Where that fails, the next write of all will tell so.
    models.writeVersions().then(
      () => {
        this.#areVersionsHeld = false
      },
      () => undefined,
    )
  }

  async #write(): Promise<void> {
    // What it stopped at may have been taken in by halves: the rows on disk are a better beginning for the next start.
    if (this.#stopped !== undefined) return
    try {
      await this.#options.models.write()
      this.#areVersionsHeld = false
    } catch (error) {
      this.#tellOfUnwritten(error)
    }
    // Only now: a writer that cannot keep up gets more at a time, and not more often.
    this.#writeTimer = undefined
  }

  async close(): Promise<void> {
    clearInterval(this.#sweepTimer)
    this.#abort.abort()
    await this.#running
    for (const waiter of this.#waiters) waiter.reject(unavailable('the engine is shutting down'))
    this.#waiters = []
    clearTimeout(this.#writeTimer)
    await this.#write()
  }
}

/** @throws StoreCorrupted where a projection can make nothing of the event */
const projected = (model: ReadModel, event: HarkEvent, recorded: RecordedEvent): ReturnType<ReadModel['project']> => {
  try {
    return model.project(event)
  } catch (cause) {
    const fault = `the read model ${model.projection.name} can make nothing of this ${event.type}`
    throw new StoreCorrupted(placeOf(recorded), fault, { cause })
  }
}
