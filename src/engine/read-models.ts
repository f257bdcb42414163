import { connectorStatus } from '../../projections/connector-status.ts'
import { endpointClaims } from '../../projections/endpoint-claims.ts'
import { listenerStatus } from '../../projections/listener-status.ts'
import type { Projection } from '../../projections/projection.ts'
import { routerConfig } from '../../projections/router-config.ts'
import { routingKeys } from '../../projections/routing-keys.ts'
import { sites } from '../../projections/sites.ts'
import type { Change } from '../../projections/table.ts'
import { ReadModel } from './read-model.ts'
import type { ReadModelDatabase } from './read-model-database.ts'

/** Every read model that Hark keeps. */
export const PROJECTIONS = { listenerStatus, connectorStatus, sites, routingKeys, routerConfig, endpointClaims }

export type Projections = typeof PROJECTIONS
export type ModelName = keyof Projections
type RowsOf<P> = P extends Projection<infer Rows> ? Rows : never
export type ReadModelsByName = { readonly [Name in ModelName]: ReadModel<RowsOf<Projections[Name]>> }
export type ChangesByModel = { readonly [Name in ModelName]?: readonly Change<RowsOf<Projections[Name]>>[] }

type AnyProjection = Projection<Record<string, unknown>>

/**
 * The read models that readers see, and those that are being rebuilt because their projection is of another version than
 * the rows that were found: until such a one has caught up, readers see the rows that there are.
 */
export class ReadModels {
  readonly #database: ReadModelDatabase
  readonly #serving = new Map<ModelName, ReadModel>()
  #byName: ReadModelsByName
  readonly #rebuilding = new Map<ModelName, ReadModel>()

  constructor(database: ReadModelDatabase, projections: { readonly [Name in ModelName]: unknown } = PROJECTIONS) {
    this.#database = database
    for (const [name, projection] of Object.entries(projections) as [ModelName, AnyProjection][])
      this.#open(name, projection)
    this.#byName = Object.fromEntries(this.#serving) as unknown as ReadModelsByName
  }

  #open(name: ModelName, projection: AnyProjection): void {
    const model = new ReadModel(projection)
    const checkpoints = this.#database.checkpoints(projection.name)
    const own = checkpoints.find(({ version }) => version === projection.version)
    const other = checkpoints.find(({ version }) => version !== projection.version)
    if (own !== undefined) this.#database.load(model, own)
    if (other === undefined) {
      this.#serving.set(name, model)
      return
    }
    // The other version goes only when this one has caught up: that it is still there means this one had not.
    const standIn = new ReadModel(projection)
    this.#database.load(standIn, other)
    this.#serving.set(name, standIn)
    this.#rebuilding.set(name, model)
  }

  /** What readers see. A rebuilt model takes another's place, so this is to be asked each time. */
  get serving(): ReadModelsByName {
    return this.#byName
  }

  get servingEntries(): Iterable<[ModelName, ReadModel]> {
    return this.#serving
  }

  get rebuilding(): ReadonlyMap<ModelName, ReadModel> {
    return this.#rebuilding
  }

  /** Those that follow the log and are written down as they go. */
  followers(): [ModelName, ReadModel][] {
    return [...this.#serving].filter(([name]) => !this.#rebuilding.has(name))
  }

  /** Whether the rows were made from the log that begins with this event; undefined for a log that is empty. */
  isFrom(firstEventId: string | undefined): boolean {
    return this.#database.firstEventId === firstEventId
  }

  /** Forgets everything: the log is another than the rows were made from. */
  startOver(firstEventId: string | undefined): void {
    this.#database.startOver(firstEventId)
    for (const [name, { projection }] of this.#serving) this.#serving.set(name, new ReadModel(projection))
    this.#rebuilding.clear()
    this.#byName = Object.fromEntries(this.#serving) as unknown as ReadModelsByName
  }

  /** Lets readers see a read model that was rebuilt, and forgets what they saw until now. */
  finishRebuild(name: ModelName): void {
    const model = this.#rebuilding.get(name)
    if (model === undefined) return
    this.#database.write([model])
    this.#serving.set(name, model)
    this.#rebuilding.delete(name)
    this.#byName = Object.fromEntries(this.#serving) as unknown as ReadModelsByName
    this.#database.removeOthers(model.projection.name, model.projection.version)
  }

  get unwrittenCount(): number {
    return this.#written().reduce((sum, model) => sum + model.unwrittenCount, 0)
  }

  write(): void {
    this.#database.write(this.#written())
  }

  #written(): ReadModel[] {
    return [...this.followers().map(([, model]) => model), ...this.#rebuilding.values()]
  }

  /** A row of a table that is kept on disk only. */
  rowOnDisk(name: ModelName, table: string, key: string): unknown {
    const model = this.#rebuilding.get(name) ?? this.#serving.get(name)
    return model === undefined ? undefined : this.#database.row(model, table, key)
  }
}
