import type { Tables } from '../../../projections/kit/projection.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { type Connection, RemoteError } from '../../lib/worker-rpc.ts'
import type { RowsOf } from '../resources/registry.ts'
import type { ChangeRecorder, ProjectedEvent } from './change-recorder.ts'
import {
  type GivenProjections,
  type Loaded,
  type LoadObserver,
  loadOrReplace,
  loadRows,
  type Rebuilding,
} from './load.ts'
import {
  type Checkpoint,
  isDamage,
  type LastEvent,
  type Part,
  type ReadModelDatabase,
  removeReadModels,
} from './persistence/database.ts'
import { toLines } from './persistence/row-lines.ts'
import { type ModelName, PROJECTIONS, type Projections } from './projections.ts'
import { ReadModel } from './read-model.ts'

type ReadModelsByName = { readonly [Name in ModelName]: ReadModel<RowsOf<Projections[Name]>> }
type TablesByName = { readonly [Name in ModelName]: Tables<RowsOf<Projections[Name]>> }

/** Omits event data from the thread's copy. */
const markOf = ({ stream, revision, id, time }: LastEvent): LastEvent => ({ stream, revision, id, time })

interface ReadModelsObserver extends LoadObserver {
  /** Nothing can be persisted until a restart. */
  onFailure?(reason: string): void
}

export interface ProjectedTo {
  readonly position: Position
  readonly lastEvent: LastEvent | undefined
}

/** If a projection's version changes, readers see the old rows during its rebuild. */
export class ReadModels {
  readonly #connection: Connection<ReadModelDatabase>
  readonly #recorder: ChangeRecorder
  readonly #file: string
  readonly #observer: ReadModelsObserver
  readonly #projections: GivenProjections
  #serving!: Map<ModelName, ReadModel>
  #rebuilding!: Map<ModelName, Rebuilding>
  #isDamaged = false
  #byName!: ReadModelsByName
  #tables!: TablesByName
  #lastEvent: LastEvent | undefined
  /** Last events at the start; a log that lacks one is another log. */
  readonly foundUpTo: readonly LastEvent[]
  #generation = 0
  #writing: Promise<void> | undefined
  #persisted: Position

  constructor(
    file: string,
    recorder: ChangeRecorder,
    projections: GivenProjections = PROJECTIONS,
    observer: ReadModelsObserver = {},
  ) {
    this.#file = file
    this.#observer = observer
    this.#recorder = recorder
    this.#projections = projections
    const loaded = loadOrReplace(file, projections, recorder, observer)
    this.foundUpTo = [loaded.lastEvents.rows, loaded.lastEvents.versions].filter(event => event !== undefined)
    this.#serve(loaded)
    this.#connection = recorder.connect(file, ({ message }) =>
      observer.onFailure?.(`the thread that writes the read models has ended: ${message}`),
    )
    this.#persisted = this.position
  }

  #serve({ serving, rebuilding, lastEvents }: Loaded): void {
    this.#lastEvent = lastEvents.rows
    this.#serving = serving
    this.#rebuilding = rebuilding
    this.#publish()
  }

  /** The file must be at the same position. */
  reload(file: string): void {
    this.#serve(loadRows(file, this.#projections, this.#recorder))
    this.#generation += 1
  }

  #publish(): void {
    this.#byName = Object.fromEntries(this.#serving) as unknown as ReadModelsByName
    const tables = [...this.#serving].map(([name, model]) => [name, model.tables])
    this.#tables = Object.fromEntries(tables) as TablesByName
  }

  get generation(): number {
    return this.#generation
  }

  /** Must not be cached, because rebuilds replace read models. */
  get serving(): ReadModelsByName {
    return this.#byName
  }

  get tables(): TablesByName {
    return this.#tables
  }

  /** Stands still while old rows are served during a rebuild. */
  get position(): Position {
    return Math.min(...[...this.#serving.values()].map(({ position }) => position))
  }

  isRebuilding(name: ModelName): boolean {
    return this.#rebuilding.has(name)
  }

  get rebuilding(): [ModelName, ReadModel][] {
    return [...this.#rebuilding].map(([name, { model }]) => [name, model])
  }

  followers(): [ModelName, ReadModel][] {
    return [...this.#serving].filter(([name]) => !this.#rebuilding.has(name))
  }

  get lastEvent(): LastEvent | undefined {
    return this.#lastEvent
  }

  get projectedTo(): ProjectedTo {
    return { position: this.position, lastEvent: this.#lastEvent && markOf(this.#lastEvent) }
  }

  noteLastEvent(event: ProjectedEvent): void {
    this.#lastEvent = event
    this.#recorder.noteEvent(event)
  }

  async startOver(): Promise<void> {
    this.#recorder.startOver()
    for (const [name, { projection }] of this.#serving) {
      const model = new ReadModel(projection)
      this.#recorder.follow(model, BEGINNING)
      this.#serving.set(name, model)
    }
    this.#rebuilding.clear()
    this.#publish()
    this.#generation += 1
    this.#lastEvent = undefined
    this.#persisted = BEGINNING
    await this.#connection.remote.startOver()
  }

  async finishRebuild(name: ModelName): Promise<void> {
    const rebuilt = this.#rebuilding.get(name)
    if (rebuilt === undefined) return
    this.#serving.set(name, rebuilt.model)
    this.#rebuilding.delete(name)
    this.#publish()
    this.#generation += 1
    await this.write(rebuilt.others)
  }

  /** One transaction with everything as of the call, while projecting continues. */
  write(remove: readonly Checkpoint[] = []): Promise<void> {
    return this.#oneByOne(() => this.#write('rows', remove))
  }

  writeVersions(): Promise<void> {
    return this.#oneByOne(() => this.#write('versions', []))
  }

  /** Runs work on the database between two writes. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    let result!: T
    await this.#oneByOne(async () => {
      result = await work()
    })
    return result
  }

  /** Runs work after everything is written. Rows that change later are stored whole. */
  writeThen<T>(work: (written: ProjectedTo) => Promise<T>): Promise<T> {
    return this.exclusively(async () => {
      const written = this.projectedTo
      this.#recorder.noteWhole()
      await this.#write('rows', [])
      return work(written)
    })
  }

  async #oneByOne(write: () => Promise<void>): Promise<void> {
    while (this.#writing !== undefined) await this.#writing.catch(() => undefined)
    this.#writing = write().finally(() => {
      this.#writing = undefined
    })
    await this.#writing
  }

  async #write(part: Part, remove: readonly Checkpoint[]): Promise<void> {
    this.#recorder.beginWriting()
    const models = [...this.followers(), ...this.rebuilding].map(([, model]) => model)
    const checkpoints = models.map(model => ({
      ...model.id,
      ...(part === 'rows' && { position: model.beginWriting() }),
      versionsTo: model.position,
    }))
    const lastEvent = this.#lastEvent && markOf(this.#lastEvent)
    const position = this.position
    const { remote } = this.#connection
    try {
      await remote.begin()
      if (part === 'rows') await this.#putRows(models)
      await this.#recorder.put()
      await remote.commitProgress({ part, checkpoints, lastEvent, remove })
      this.#recorder.written()
      if (part === 'rows') for (const model of models) model.written()
      this.#persisted = position
    } catch (error) {
      if (part === 'rows') for (const model of models) model.notWritten()
      this.#recorder.notWritten()
      this.checkDamage(error)
      throw error
    }
  }

  async #putRows(models: readonly ReadModel[]): Promise<void> {
    for (const model of models) {
      for (const { table, rows } of model.chunks())
        await this.#connection.remote.putLines(model.id, table, toLines(rows))
    }
  }

  get unwrittenRows(): number {
    return this.followers().reduce((rows, [, model]) => rows + model.unwrittenRows, 0)
  }

  get pendingHistoryBytes(): number {
    return this.#recorder.pendingBytes
  }

  async whenPersisted(position: Position): Promise<void> {
    while (this.#persisted < position) await this.writeVersions()
  }

  async rowOnDisk(name: ModelName, table: string, key: string): Promise<unknown> {
    const model = this.#rebuilding.get(name)?.model ?? this.#serving.get(name)
    if (model === undefined) return undefined
    const unwritten = model.unwrittenRow(table, key)
    if (unwritten !== undefined) return unwritten.row
    const row = await this.#connection.remote.row(model.id, table, key)
    return row === undefined ? undefined : JSON.parse(row)
  }

  checkDamage(error: unknown): void {
    if (this.#isDamaged || !(error instanceof RemoteError) || !isDamage(error.errcode)) return
    this.#isDamaged = true
    this.#observer.onFailure?.(`${this.#file} is damaged: the next start rebuilds it from the log`)
  }

  async close(): Promise<void> {
    await this.#connection.remote.close().catch(() => undefined)
    await this.#connection.end()
    if (this.#isDamaged) removeReadModels(this.#file)
  }
}
