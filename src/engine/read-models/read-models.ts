import { connectorStatus } from '../../../projections/connector-status.ts'
import { endpointClaims } from '../../../projections/endpoint-claims.ts'
import type { Projection } from '../../../projections/kit/projection.ts'
import type { Change } from '../../../projections/kit/table.ts'
import { listenerStatus } from '../../../projections/listener-status.ts'
import { routerConfig } from '../../../projections/router-config/router-config.ts'
import { routingKeys } from '../../../projections/routing-keys.ts'
import { sites } from '../../../projections/sites.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { NotDone } from '../../lib/worker-rpc.ts'
import type { PastQuery } from '../history/as-of-query.ts'
import type { Unobserved } from '../history/observed-time.ts'
import { PendingTimestamps } from '../history/timestamp-index.ts'
import type { StoredMoment } from '../history/version-store.ts'
import { ReadModelWriter } from './persistence/client.ts'
import {
  type Checkpoint,
  isDamage,
  type LastEvent,
  modelKey,
  type Part,
  ReadModelDatabase,
  ReadModelsDamaged,
  removeReadModels,
} from './persistence/database.ts'
import { ReadModel } from './read-model.ts'

/** Every read model that Hark keeps. */
export const PROJECTIONS = { listenerStatus, connectorStatus, sites, routingKeys, routerConfig, endpointClaims }

export type Projections = typeof PROJECTIONS
export type ModelName = keyof Projections
type RowsOf<P> = P extends Projection<infer Rows> ? Rows : never
export type ReadModelsByName = { readonly [Name in ModelName]: ReadModel<RowsOf<Projections[Name]>> }
export type ChangesByModel = { readonly [Name in ModelName]?: readonly Change<RowsOf<Projections[Name]>>[] }

/** What waits for a disk that takes nothing must not take all memory. */
const MOST_WAITING_BYTES = 256_000_000
const HISTORY_GIVEN_UP =
  'too much has waited for too long to be written down: it will be made up for from the log at the next start'

/** Without the data: what is handed to the thread is copied. */
const markOf = ({ stream, revision, id, time }: LastEvent): LastEvent => ({ stream, revision, id, time })

type AnyProjection = Projection<Record<string, unknown>>

interface Rebuilding {
  readonly model: ReadModel
  readonly others: readonly Checkpoint[]
}

export interface ReadModelsObserver {
  /** The database was damaged when it was opened, and is made anew. */
  onDamage?(error: Error): void
  /** The database had the layout of another version of Hark, and is built again. */
  onOtherLayout?(): void
  /** Nothing can be written down any more: only another start helps. */
  onFailure?(reason: string): void
}

/** What a database holds. */
interface Found {
  readonly serving: Map<ModelName, ReadModel>
  readonly rebuilding: Map<ModelName, Rebuilding>
  readonly lastEvents: Readonly<Record<Part, LastEvent | undefined>>
  readonly lastMoment: StoredMoment | undefined
}

type GivenProjections = { readonly [Name in ModelName]: unknown }

/** What is damaged is thrown away: the log tells it all again. */
const readModels = (file: string, projections: GivenProjections, observer: ReadModelsObserver): Found => {
  try {
    return found(file, projections, observer)
  } catch (error) {
    if (!(error instanceof ReadModelsDamaged)) throw error
    observer.onDamage?.(error)
    removeReadModels(file)
    return found(file, projections, observer)
  }
}

/** @throws ReadModelsDamaged */
const found = (file: string, projections: GivenProjections, observer: ReadModelsObserver): Found => {
  const database = new ReadModelDatabase(file)
  if (database.isReplaced) observer.onOtherLayout?.()
  try {
    const models: Pick<Found, 'serving' | 'rebuilding'> = { serving: new Map(), rebuilding: new Map() }
    for (const [name, projection] of Object.entries(projections) as [ModelName, AnyProjection][])
      load(database, name, projection, models)
    return {
      ...models,
      lastEvents: { rows: database.lastEvent('rows'), versions: database.lastEvent('versions') },
      lastMoment: database.versions.momentBefore(Number.MAX_SAFE_INTEGER),
    }
  } catch (cause) {
    throw new ReadModelsDamaged(file, { cause })
  } finally {
    database.close()
  }
}

const load = (
  database: ReadModelDatabase,
  name: ModelName,
  projection: AnyProjection,
  { serving, rebuilding }: Pick<Found, 'serving' | 'rebuilding'>,
): void => {
  const checkpoints = database.checkpoints().filter(found => found.name === projection.name)
  const own = checkpoints.find(({ version }) => version === projection.version)
  const model = new ReadModel(projection, own && { versionsTo: own.versionsTo })
  const others = checkpoints.filter(({ version }) => version !== projection.version)
  // Where an earlier rebuild was never finished there are several: the one that is furthest is nearest to the truth.
  const furthest = others.toSorted((a, b) => b.position - a.position)[0]
  if (own !== undefined) model.load(database.rows(own), own.position)
  if (furthest === undefined) {
    serving.set(name, model)
    return
  }
  // Another version goes only when this one has caught up: that it is still there means this one had not.
  const standIn = new ReadModel(projection, { storedAs: furthest })
  standIn.load(database.rows(furthest), furthest.position)
  serving.set(name, standIn)
  rebuilding.set(name, { model, others })
}

/**
 * The read models that readers see, and those that are being rebuilt because their projection is of another version than
 * the rows that were found: until such a one has caught up, readers see the rows that there are.
 */
export class ReadModels {
  readonly #writer: ReadModelWriter
  readonly #file: string
  readonly #observer: ReadModelsObserver
  readonly #serving: Map<ModelName, ReadModel>
  readonly #rebuilding: Map<ModelName, Rebuilding>
  /** The file is not what was written to it: it is removed at the end, for the next start to make it anew. */
  #isDamaged = false
  #byName: ReadModelsByName
  #lastEvent: LastEvent | undefined
  /** Where the rows, and the versions of rows, that were found at the start ended: a log that has not both is another one. */
  readonly foundUpTo: readonly LastEvent[]
  #isHistoryGivenUp = false
  #generation = 0
  #writing: Promise<void> | undefined
  readonly #moments: PendingTimestamps
  /** Up to here everything is written down. */
  #written: Position

  /** @param file the path of their database, made where it is not there; one process has it at a time */
  constructor(
    file: string,
    projections: { readonly [Name in ModelName]: unknown } = PROJECTIONS,
    observer: ReadModelsObserver = {},
  ) {
    this.#file = file
    this.#observer = observer
    const found = readModels(file, projections, observer)
    this.#lastEvent = found.lastEvents.rows
    this.foundUpTo = [found.lastEvents.rows, found.lastEvents.versions].filter(event => event !== undefined)
    this.#moments = new PendingTimestamps(found.lastMoment)
    this.#serving = found.serving
    this.#rebuilding = found.rebuilding
    this.#byName = Object.fromEntries(this.#serving) as unknown as ReadModelsByName
    this.#writer = new ReadModelWriter(file, ({ message }) =>
      observer.onFailure?.(`the thread that writes the read models down has ended: ${message}`),
    )
    this.#written = this.position
  }

  /** Grows whenever readers get to see other rows than those that the log led to before. */
  get generation(): number {
    return this.#generation
  }

  /** What readers see. A rebuilt model takes another's place, so this is to be asked each time. */
  get serving(): ReadModelsByName {
    return this.#byName
  }

  /** Up to here readers see everything; rows that stand in for others stay where they are. */
  get position(): Position {
    return Math.min(...[...this.#serving.values()].map(({ position }) => position))
  }

  isRebuilding(name: ModelName): boolean {
    return this.#rebuilding.has(name)
  }

  get rebuilding(): [ModelName, ReadModel][] {
    return [...this.#rebuilding].map(([name, { model }]) => [name, model])
  }

  /** Those that follow the log. */
  followers(): [ModelName, ReadModel][] {
    return [...this.#serving].filter(([name]) => !this.#rebuilding.has(name))
  }

  /** The last event that the rows were made from; undefined where there is none yet. */
  get lastEvent(): LastEvent | undefined {
    return this.#lastEvent
  }

  /** To be told of every event that was projected. */
  noteLastEvent(event: LastEvent & { readonly position: Position }): void {
    this.#lastEvent = event
    this.#moments.note(event.time, event.position)
  }

  /** Forgets everything: the log is another than the rows were made from. */
  async startOver(): Promise<void> {
    for (const [name, { projection }] of this.#serving) this.#serving.set(name, new ReadModel(projection))
    this.#rebuilding.clear()
    this.#byName = Object.fromEntries(this.#serving) as unknown as ReadModelsByName
    this.#generation += 1
    this.#lastEvent = undefined
    this.#moments.startOver()
    this.#written = BEGINNING
    await this.#writer.startOver()
  }

  /** Lets readers see a read model that was rebuilt, and forgets what they saw until now. */
  async finishRebuild(name: ModelName): Promise<void> {
    const rebuilt = this.#rebuilding.get(name)
    if (rebuilt === undefined) return
    this.#serving.set(name, rebuilt.model)
    this.#rebuilding.delete(name)
    this.#byName = Object.fromEntries(this.#serving) as unknown as ReadModelsByName
    this.#generation += 1
    await this.write(rebuilt.others)
  }

  /**
   * Writes down what has changed, rows, versions and positions as one, and removes read models that are no longer wanted.
   * Projecting may go on meanwhile: what is written is what held when the writing began.
   */
  write(remove: readonly Checkpoint[] = []): Promise<void> {
    return this.#oneByOne(() => this.#write('rows', remove))
  }

  /** Writes down the versions of rows alone: the past is to be had up to now, and memory is free again. */
  writeVersions(): Promise<void> {
    return this.#oneByOne(() => this.#write('versions', []))
  }

  async #oneByOne(write: () => Promise<void>): Promise<void> {
    while (this.#writing !== undefined) await this.#writing.catch(() => undefined)
    this.#writing = write().finally(() => {
      this.#writing = undefined
    })
    await this.#writing
  }

  async #write(part: Part, remove: readonly Checkpoint[]): Promise<void> {
    if (this.#isHistoryGivenUp) throw new Error(HISTORY_GIVEN_UP)
    const models = [...this.followers(), ...this.rebuilding].map(([, model]) => model)
    const checkpoints = models.map(model => ({
      ...model.id,
      ...(part === 'rows' && { position: model.beginWriting() }),
      versionsTo: model.position,
    }))
    const versions = models.flatMap(({ history }) => history.beginWriting())
    const lastEvent = this.#lastEvent && markOf(this.#lastEvent)
    const position = this.position
    const moments = this.#moments.take()
    try {
      await this.#writer.begin()
      if (part === 'rows') await this.#putRows(models)
      for (const encoded of versions) await this.#writer.putVersions(encoded)
      await this.#writer.putMoments(Float64Array.from(moments.flat()))
      await this.#writer.commit({ part, checkpoints, lastEvent, remove })
      for (const { history } of models) history.written()
      if (part === 'rows') for (const model of models) model.written()
      this.#written = position
    } catch (error) {
      if (part === 'rows') for (const model of models) model.notWritten()
      this.#moments.putBefore(moments)
      if (this.waitingVersionBytes > MOST_WAITING_BYTES) this.#giveHistoryUp(models)
      if (error instanceof NotDone && isDamage(error.errcode)) this.#foundDamaged()
      throw error
    }
  }

  async #putRows(models: readonly ReadModel[]): Promise<void> {
    for (const model of models) {
      for (const { table, rows } of model.chunks()) await this.#writer.put(model.id, table, rows)
    }
  }

  /** Nothing is written any more: the next start takes the log up where the rows on disk stand, and misses nothing. */
  #giveHistoryUp(models: readonly ReadModel[]): void {
    this.#isHistoryGivenUp = true
    for (const { history } of models) history.stop()
  }

  /** How many bytes of versions of rows wait to be written down. */
  get waitingVersionBytes(): number {
    let bytes = 0
    for (const [, { history }] of [...this.followers(), ...this.rebuilding]) bytes += history.pendingBytes
    return bytes
  }

  /** Resolves when everything up to a position is written down: only that has a past. */
  async whenWritten(position: Position): Promise<void> {
    while (this.#written < position) await this.writeVersions()
  }

  /** The position of the last event at or before a time in milliseconds since 1970; undefined where there is none. */
  async positionAt(time: number): Promise<Position | undefined> {
    await this.whenWritten(this.position)
    return this.#writer.positionAt(time)
  }

  /** An event that is known to stand at or before a position, near to it; undefined where none is. */
  momentBefore(position: Position): Promise<StoredMoment | undefined> {
    return this.#writer.momentBefore(position)
  }

  /** What held at a position that is written down. */
  askPast(position: Position, query: PastQuery, unobserved?: Unobserved): Promise<unknown> {
    const keyOf = (name: ModelName) => modelKey((this.#serving.get(name) as ReadModel).storedAs)
    const models = {
      listenerStatus: keyOf('listenerStatus'),
      connectorStatus: keyOf('connectorStatus'),
      sites: keyOf('sites'),
      routerConfig: keyOf('routerConfig'),
    }
    return this.#writer.past(models, position, query, unobserved).catch(error => {
      if (error instanceof NotDone && isDamage(error.errcode)) this.#foundDamaged()
      throw error
    })
  }

  /** A row of a table that is kept on disk only. */
  async rowOnDisk(name: ModelName, table: string, key: string): Promise<unknown> {
    const model = this.#rebuilding.get(name)?.model ?? this.#serving.get(name)
    if (model === undefined) return undefined
    const unwritten = model.unwrittenRow(table, key)
    if (unwritten !== undefined) return unwritten.row
    const row = await this.#writer.row(model.id, table, key)
    return row === undefined ? undefined : JSON.parse(row)
  }

  #foundDamaged(): void {
    if (this.#isDamaged) return
    this.#isDamaged = true
    this.#observer.onFailure?.(`${this.#file} is damaged: it is made anew from the log at the next start`)
  }

  async close(): Promise<void> {
    await this.#writer.close()
    if (this.#isDamaged) removeReadModels(this.#file)
  }
}
