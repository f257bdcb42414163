import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { badUserInput, HarkError, unavailable } from '../../../schemas/errors.ts'
import { AGENT } from '../../../schemas/events/agent.ts'
import { BEGINNING } from '../../../schemas/events/position.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Connection } from '../../lib/worker-rpc.ts'
import type { MaintenanceLog } from '../commands/maintenance-log.ts'
import type { Caller } from '../commands/types.ts'
import type { Recorder } from '../history/recorder.ts'
import { freshFileOf, removeReadModels, replacedFileOf } from '../read-models/persistence/database.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ProjectedTo, ReadModels } from '../read-models/read-models.ts'
import { differencesInMemory, memoryRows } from './memory-rows.ts'
import type {
  ConnectRebuilder,
  Difference,
  Rebuilder,
  RebuildProgress,
  RebuildRequest,
  RebuildSlice,
  RebuildStage,
  RunningRebuild,
} from './types.ts'

/** Callers can show progress and stop between requests. */
const SLICE_MS = 500
/** Without a call for so long, the client is taken for gone. */
const ABANDONED_MS = 60_000
/** The log may be read from another node than the engine's. */
const LAG_MS = 10_000
const LAG_RETRY_MS = 50
const MOST_DIFFERENCES = 1000

interface Parts {
  readonly file: string
  readonly models: ReadModels
  readonly recorder: Recorder
  readonly projector: Projector
  readonly logger: Logger
  readonly maintenance: Pick<MaintenanceLog, 'write'>
  readonly connectRebuilder: ConnectRebuilder | undefined
  /** Default: a minute. */
  readonly abandonedMs?: number
}

interface Running {
  readonly id: string
  readonly compares: boolean
  readonly caller: Caller | undefined
  readonly startedAt: string
  readonly thread: Connection<Rebuilder>
  stage: RebuildStage
  done: number
  total: number
  isComplete: boolean
  differences: readonly Difference[]
  replacedAt: ProjectedTo | undefined
  isCancelled: boolean
  slice: Promise<unknown> | undefined
  abandoning: NodeJS.Timeout | undefined
}

const actorOf = (caller: Caller | undefined): string => caller?.actor ?? AGENT

const progress = (done: number, total: number) => ({ done, total })

export class Rebuild implements RunningRebuild {
  readonly #parts: Parts
  #running: Running | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  get progress(): RebuildProgress | undefined {
    if (this.#running === undefined) return undefined
    const { stage, startedAt, caller, done, total } = this.#running
    return { stage, startedAt, actor: actorOf(caller), done, total }
  }

  async slice({ after, compares, caller }: RebuildRequest): Promise<RebuildSlice> {
    const running = after === undefined ? this.#begin(compares, caller) : this.#find(after)
    if (running.slice !== undefined) throw conflict('another request for this rebuild is being answered')
    clearTimeout(running.abandoning)
    const slice = this.#slice(running)
    running.slice = slice.catch(() => undefined)
    try {
      return await slice
    } catch (error) {
      await this.#end(running)
      throw this.#failure(error, running)
    } finally {
      running.slice = undefined
      if (this.#running === running) this.#abandonLater(running)
    }
  }

  #begin(compares: boolean, caller: Caller | undefined): Running {
    const { file, projector, models, connectRebuilder, logger } = this.#parts
    if (connectRebuilder === undefined) throw unavailable('this engine reads the log only to answer one command')
    if (this.#running !== undefined)
      throw conflict('the read models are being rebuilt already: wait until that has ended, or cancel it')
    if (projector.stopped !== undefined) throw unavailable('the read models have stopped: restart the engine')
    if (!projector.ready || models.rebuilding.length > 0)
      throw unavailable('the read models are being rebuilt: try again later')
    const thread = connectRebuilder(freshFileOf(file), error =>
      logger.error({ error }, 'the thread that rebuilds the read models has ended'),
    )
    logger.info({ actor: actorOf(caller) }, 'rebuilding the read models')
    this.#running = {
      id: randomUUID(),
      compares,
      caller,
      startedAt: new Date().toISOString(),
      thread,
      stage: 'building',
      done: BEGINNING,
      total: models.projectedTo.position,
      isComplete: false,
      differences: [],
      replacedAt: undefined,
      isCancelled: false,
      slice: undefined,
      abandoning: undefined,
    }
    return this.#running
  }

  #find(id: string): Running {
    const running = this.#running
    if (running?.id === id) return running
    throw badUserInput([
      { path: 'after', message: `no rebuild has it: it ends ${ABANDONED_MS / 1000} s after the last request` },
    ])
  }

  #abandonLater(running: Running): void {
    running.abandoning = setTimeout(() => {
      this.#parts.logger.warn({}, 'the rebuild of the read models was cancelled: no client has continued it')
      void this.#end(running)
    }, this.#parts.abandonedMs ?? ABANDONED_MS).unref()
  }

  async #slice(running: Running): Promise<RebuildSlice> {
    const { done, total, isLast = false } = await this.#step(running)
    Object.assign(running, { done, total, isComplete: isLast })
    if (isLast) await this.#complete(running)
    const { id, replacedAt, differences } = running
    return {
      done,
      total,
      replacedAt: replacedAt?.position,
      differences: isLast ? differences.slice(0, MOST_DIFFERENCES) : [],
      differenceCount: differences.length,
      next: isLast ? undefined : id,
    }
  }

  #step(running: Running): Promise<{ done: number; total: number; isLast?: boolean }> {
    switch (running.stage) {
      case 'building':
        return this.#build(running)
      case 'comparing':
        return this.#compare(running)
      case 'replacing':
        return this.#replace(running)
      case 'checking':
        return this.#check(running)
    }
  }

  async #build(running: Running) {
    const { remote } = running.thread
    const to = this.#parts.models.projectedTo
    const { position, isThere } = await remote.advance(to, SLICE_MS)
    if (isThere) {
      await remote.write()
      running.stage = 'comparing'
    }
    return progress(position, to.position)
  }

  async #compare(running: Running) {
    const { models, recorder } = this.#parts
    const [to, rows] = [models.projectedTo, memoryRows(models, recorder.times)]
    await this.#reach(running, to)
    running.differences = await differencesInMemory(rows, running.thread.remote)
    running.stage = 'replacing'
    return progress(to.position, to.position)
  }

  async #replace(running: Running) {
    const { models, projector, recorder } = this.#parts
    await this.#reach(running, models.projectedTo)
    const wasDeferred = recorder.isDeferred
    try {
      // Rows in memory that were right follow from the log at any later position too.
      if (running.differences.length === 0) await models.writeThen(at => this.#swap(running, at))
      else await projector.swapWhilePaused(() => models.writeThen(at => this.#swap(running, at)))
    } catch (error) {
      if (wasDeferred) recorder.defer()
      throw error
    }
    const { position } = running.replacedAt as ProjectedTo
    running.stage = 'checking'
    return { ...progress(position, position), isLast: !running.compares }
  }

  async #swap(running: Running, at: ProjectedTo): Promise<void> {
    const { file, models, recorder } = this.#parts
    const { remote } = running.thread
    await this.#reach(running, at)
    await remote.finish(at)
    const { kept } = recorder
    if (running.differences.length > 0) models.reload(freshFileOf(file))
    // Loading takes it from the new file.
    recorder.keepFrom(kept)
    await recorder.database.replaceBy(freshFileOf(file), running.compares ? replacedFileOf(file) : undefined)
    recorder.keepFrom(undefined)
    recorder.complete()
    running.replacedAt = at
  }

  async #check(running: Running) {
    const { file } = this.#parts
    const compared = await running.thread.remote.compareFile(
      replacedFileOf(file),
      running.replacedAt as ProjectedTo,
      SLICE_MS,
    )
    const { done, total, differences } = compared
    if (differences === undefined) return progress(done, total)
    const places = new Set(differences.map(({ place }) => place))
    running.differences = [...differences, ...running.differences.filter(({ place }) => !places.has(place))]
    return { ...progress(done, total), isLast: true }
  }

  /** @throws HarkError UNAVAILABLE if the log does not lead there */
  async #reach({ thread }: Running, to: ProjectedTo): Promise<void> {
    const end = performance.now() + LAG_MS
    while (!(await thread.remote.advance(to, LAG_MS)).isThere) {
      if (performance.now() > end) throw unavailable('the event store lacks an event that the read models show')
      await sleep(LAG_RETRY_MS)
    }
  }

  async #complete(running: Running): Promise<void> {
    const { logger } = this.#parts
    const { differences, replacedAt } = running
    await this.#end(running)
    if (differences.length > 0)
      logger.warn(
        { differences: differences.length, first: differences[0] },
        'the read models did not follow from the log, and were replaced',
      )
    logger.info({ position: replacedAt?.position }, 'the read models are rebuilt')
  }

  #failure(error: unknown, { replacedAt, isCancelled }: Running): unknown {
    if (isCancelled) return unavailable('the rebuild was cancelled')
    this.#parts.logger.error({ error }, 'the read models could not be rebuilt')
    if (error instanceof HarkError) return error
    const what = replacedAt === undefined ? 'the read models stay as they are' : 'the read models are rebuilt'
    const isOfSqlite = (error as { readonly errcode?: number }).errcode !== undefined
    return unavailable(
      isOfSqlite
        ? `a file of the rebuild could not be written or read: ${(error as Error).message}; ${what}`
        : `the rebuild has failed, see the log of the engine; ${what}`,
    )
  }

  async cancel(after?: string): Promise<void> {
    const running = after === undefined ? this.#running : this.#find(after)
    if (running === undefined) return
    // Files must not be removed while one replaces another.
    if (running.stage === 'replacing') await running.slice
    running.isCancelled = true
    await this.#end(running)
  }

  async #end(running: Running): Promise<void> {
    clearTimeout(running.abandoning)
    if (this.#running !== running) return
    await running.thread.end()
    if (this.#running !== running) return
    const { file } = this.#parts
    for (const leftover of [freshFileOf(file), replacedFileOf(file)]) removeReadModels(leftover)
    this.#running = undefined
    await this.#record(running)
  }

  /** What a client had done, unless the read models stayed as they were. */
  async #record({ replacedAt, compares, isComplete, differences, caller }: Running): Promise<void> {
    if (replacedAt === undefined || caller === undefined) return
    const { position } = replacedAt
    const data = { position, compared: compares && isComplete, differences: differences.length }
    await this.#parts.maintenance.write({ type: 'ReadModelsRebuilt', data }, caller)
  }

  close(): Promise<void> {
    return this.cancel()
  }
}

const conflict = (message: string): HarkError => new HarkError('CONFLICT', message)
