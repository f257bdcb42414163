import { setTimeout as sleep } from 'node:timers/promises'
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
import type { decodeEvent } from './decode-event.ts'
import { ReadModelsStopped } from './errors.ts'
import { FlushScheduler } from './flush-scheduler.ts'
import { isEmptyLog, LogMissing } from './log-missing.ts'
import { Pacer } from './pacer.ts'
import { PositionWaiters } from './position-waiters.ts'
import { createDecoder, projectEvent } from './project-event.ts'
import type { ChangesByModel, ModelName } from './projections.ts'
import type { ReadModel } from './read-model.ts'
import type { ReadModels } from './read-models.ts'
import { rebuild } from './rebuild.ts'

const RETRY_MS = 500
const LOG_EVERY_MS = 60_000

/** Tolerated difference to the store's clock. */
const MAX_AHEAD_MS = 5000

const START: Moment = { position: BEGINNING, time: new Date(0).toISOString() }

interface ProjectorOptions {
  readonly store: EventStore
  readonly models: ReadModels
  readonly logger: Logger
  readonly timeoutMs: number
  readonly knownEvents?: string
}

export interface Projected {
  readonly event: HarkEvent
  /** The stored event, before upcasting. */
  readonly recorded: RecordedEvent
  readonly changes: ChangesByModel
}

interface ProjectedBatch {
  readonly events: number
  readonly milliseconds: number
}

/** Projects each event once, in order. */
export class Projector {
  readonly #options: ProjectorOptions
  readonly #abort = new AbortController()
  readonly #observers: Observers<Projected>
  readonly #batchObservers: Observers<ProjectedBatch>
  readonly #swapObservers: Observers
  readonly #stopObservers: Observers
  readonly #decode: typeof decodeEvent
  readonly #waiters: PositionWaiters
  readonly #flushes: FlushScheduler
  /** The old read models serve requests meanwhile. */
  readonly #pacer = new Pacer()
  readonly #backlogs = new Map<ModelName, HarkEvent[]>()
  readonly #caughtUp = Promise.withResolvers<void>()
  readonly #logOutage = throttle(LOG_EVERY_MS, (error: StoreUnavailable) =>
    this.#options.logger.warn({ error }, 'the event store does not respond: trying again'),
  )
  readonly #logTimeAhead = throttle(LOG_EVERY_MS, (aheadSeconds: number) =>
    this.#options.logger.warn(
      { logTime: this.#head.time, aheadSeconds },
      'the time of the log is ahead of the clock: events get that time until the clock reaches it',
    ),
  )
  #head: Moment
  #isContinued = false
  #pause: Promise<void> | undefined
  #live = false
  #ready = false
  #stopped: ReadModelsStopped | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: ProjectorOptions) {
    this.#options = options
    this.#observers = new Observers(options.logger)
    this.#batchObservers = new Observers(options.logger)
    this.#swapObservers = new Observers(options.logger)
    this.#stopObservers = new Observers(options.logger)
    this.#decode = createDecoder(options.logger)
    this.#waiters = new PositionWaiters(options.timeoutMs)
    this.#flushes = new FlushScheduler(options.models, options.logger)
    // Prevents an unhandled rejection.
    this.#caughtUp.promise.catch(() => undefined)
    const { position, lastEvent } = options.models
    this.#head = { ...START, position, ...(lastEvent && { time: lastEvent.time }) }
  }

  get head(): Moment {
    return this.#head
  }

  get live(): boolean {
    return this.#live
  }

  get ready(): boolean {
    return this.#ready
  }

  get stopped(): ReadModelsStopped | undefined {
    return this.#stopped
  }

  whenReady(): Promise<void> {
    return this.#stopped === undefined ? this.#caughtUp.promise : Promise.reject(this.#stopped)
  }

  /** Runs before `reached` resolves. Returns a function that removes the observer. */
  onProjected(observer: (projected: Projected) => void, onFailure?: (error: unknown) => void): () => void {
    return this.#observers.add(observer, onFailure)
  }

  onBatch(observer: (batch: ProjectedBatch) => void): () => void {
    return this.#batchObservers.add(observer)
  }

  onSwap(observer: () => void, onFailure?: (error: unknown) => void): () => void {
    return this.#swapObservers.add(observer, onFailure)
  }

  /** Runs work while no event is projected, and then the observers of a swap. */
  async swapWhilePaused(work: () => Promise<void>): Promise<void> {
    const over = Promise.withResolvers<void>()
    this.#pause = over.promise
    try {
      await work()
    } finally {
      this.#pause = undefined
      this.#swapObservers.notify()
      over.resolve()
    }
  }

  onStop(observer: () => void): () => void {
    return this.#stopObservers.add(observer)
  }

  start(): void {
    this.#waiters.start()
    this.#running = this.#run().catch(error => this.#stop(error))
  }

  #stop(error: unknown): void {
    const place = error instanceof StoreCorrupted ? error.location : undefined
    this.#options.logger.fatal(
      { error, place },
      'the projector has stopped: read models and watches receive no more events',
    )
    this.#live = false
    this.#ready = false
    const stopped = new ReadModelsStopped(error)
    this.#stopped = stopped
    this.#caughtUp.reject(stopped)
    this.#flushes.stop()
    this.#waiters.rejectAll(stopped)
    this.#stopObservers.notify()
  }

  /** @throws HarkError UNAVAILABLE after `timeoutMs`, or ReadModelsStopped */
  reached(position: Position): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    return position <= this.#head.position ? Promise.resolve() : this.#waiters.wait(position)
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
        })) {
          if (this.#pause !== undefined) await this.#pause
          this.#take(batch)
        }
        if (!signal.aborted) throw new Error('the subscription to the log has ended unexpectedly')
      } catch (error) {
        // Events before the failure are projected.
        this.#waiters.release(this.#head.position)
        if (error instanceof AnotherLog && !this.#isContinued) {
          this.#backlogs.clear()
          await this.#startOver()
          continue
        }
        if (!(error instanceof StoreUnavailable)) throw error
        this.#live = false
        this.#logOutage(error)
        await this.#sleep(RETRY_MS)
      }
    }
  }

  async #checkLog(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        const { store, knownEvents } = this.#options
        if (knownEvents !== undefined && (await isEmptyLog(store))) throw new LogMissing(knownEvents)
        // Without a projected event, logs cannot be distinguished, and no rows are lost.
        if (this.#hasNoEvent()) await this.#reset()
        else if (!(await this.#hasLastEvents())) await this.#startOver()
        return
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        this.#logOutage(error)
        await this.#sleep(RETRY_MS)
      }
    }
  }

  async #startOver(): Promise<void> {
    this.#options.logger.warn('the read models were built from another log: rebuilding them')
    await this.#reset()
  }

  async #reset(): Promise<void> {
    this.#head = START
    await this.#options.models.startOver()
  }

  #hasNoEvent(): boolean {
    const { lastEvent, position } = this.#options.models
    return lastEvent === undefined && position !== BEGINNING
  }

  async #hasLastEvents(): Promise<boolean> {
    const { models, store } = this.#options
    for (const last of models.foundUpTo) if (!(await store.holds(last, this.#abort.signal))) return false
    return true
  }

  async #sleep(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#abort.signal }).catch(() => undefined)
  }

  #take(batch: Batch): void {
    const { models } = this.#options
    const start = performance.now()
    const followers = models.followers()
    this.#isContinued ||= batch.live || batch.events.length > 0
    for (const recorded of batch.events) {
      const event = this.#decode(recorded)
      if (event === undefined) continue
      const changes: { [Name in ModelName]?: unknown } = {}
      for (const [name, model] of followers) {
        const changed = projectEvent(model, event, recorded)
        if (changed.length > 0) changes[name] = changed
      }
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
    this.#waiters.release(this.#head.position)
    const { length: events } = batch.events
    if (events === 0) return
    this.#flushes.schedule()
    this.#batchObservers.notify({ events, milliseconds: performance.now() - start })
  }

  /** Events keep a time that was ahead until the clock reaches it. */
  #checkTime(): void {
    const ahead = Date.parse(this.#head.time) - Date.now()
    if (ahead > MAX_AHEAD_MS) this.#logTimeAhead(Math.round(ahead / 1000))
  }

  async #rebuild(name: ModelName, model: ReadModel): Promise<void> {
    const { store, models, logger } = this.#options
    const { signal } = this.#abort
    logger.info({ model: name, from: model.position }, 'rebuilding a read model: its version has changed')
    try {
      await rebuild(store, model, {
        decode: this.#decode,
        head: () => this.#head.position,
        onBatch: () => this.#flushes.schedule(),
        pacer: this.#pacer,
        signal,
      })
      if (signal.aborted) return
      for (const event of this.#backlogs.get(name) ?? []) model.project(event)
      model.advance(this.#head.position)
      this.#backlogs.delete(name)
      const persisted = models.finishRebuild(name)
      this.#swapObservers.notify()
      await persisted
      logger.info({ model: name, position: model.position }, 'the read model is rebuilt')
    } catch (error) {
      logger.error({ error, model: name }, 'a read model could not be rebuilt: the older one stays in use')
    }
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await this.#running
    this.#waiters.close()
    await this.#flushes.close()
  }
}
