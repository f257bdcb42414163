import type { Projection } from '../../../projections/kit/projection.ts'
import { BEGINNING } from '../../../schemas/events/recorded-event.ts'
import type { ChangeRecorder } from './change-recorder.ts'
import {
  type Checkpoint,
  freshFileOf,
  type LastEvent,
  type Part,
  type ReadModelDatabase,
  ReadModelsDamaged,
  removeReadModels,
  replacedFileOf,
} from './persistence/database.ts'
import type { ModelName } from './projections.ts'
import { ReadModel } from './read-model.ts'

type AnyProjection = Projection<Record<string, unknown>>

export type GivenProjections = { readonly [Name in ModelName]: unknown }

export interface Rebuilding {
  readonly model: ReadModel
  readonly others: readonly Checkpoint[]
}

export interface LoadObserver {
  onDamage?(error: Error): void
  onOtherLayout?(): void
}

export interface Loaded {
  readonly serving: Map<ModelName, ReadModel>
  readonly rebuilding: Map<ModelName, Rebuilding>
  readonly lastEvents: Readonly<Record<Part, LastEvent | undefined>>
}

export const loadRows = (
  file: string,
  projections: GivenProjections,
  recorder: ChangeRecorder,
  onOtherLayout: () => void = () => undefined,
): Loaded => {
  const database = recorder.open(file)
  if (database.isReplaced) onOtherLayout()
  try {
    const models: Pick<Loaded, 'serving' | 'rebuilding'> = { serving: new Map(), rebuilding: new Map() }
    for (const [name, projection] of Object.entries(projections) as [ModelName, AnyProjection][])
      load(database, name, projection, models, recorder)
    return { ...models, lastEvents: { rows: database.lastEvent('rows'), versions: database.lastEvent('versions') } }
  } catch (cause) {
    throw new ReadModelsDamaged(file, { cause })
  } finally {
    database.close()
  }
}

/** Replaces a damaged file by an empty one, because the log holds everything. */
export const loadOrReplace = (
  file: string,
  projections: GivenProjections,
  recorder: ChangeRecorder,
  observer: LoadObserver,
): Loaded => {
  const loadOnce = () => loadRows(file, projections, recorder, () => observer.onOtherLayout?.())
  const loaded = (() => {
    try {
      return loadOnce()
    } catch (error) {
      if (!(error instanceof ReadModelsDamaged)) throw error
      observer.onDamage?.(error)
      removeReadModels(file)
      return loadOnce()
    }
  })()
  // A rebuild was interrupted. No other process has them, because the file could be opened.
  for (const leftover of [freshFileOf(file), replacedFileOf(file)]) removeReadModels(leftover)
  return loaded
}

const load = (
  database: ReadModelDatabase,
  name: ModelName,
  projection: AnyProjection,
  { serving, rebuilding }: Pick<Loaded, 'serving' | 'rebuilding'>,
  recorder: ChangeRecorder,
): void => {
  const checkpoints = database.checkpoints().filter(found => found.name === projection.name)
  const own = checkpoints.find(({ version }) => version === projection.version)
  const model = new ReadModel(projection)
  recorder.follow(model, own?.versionsTo ?? BEGINNING)
  const others = checkpoints.filter(({ version }) => version !== projection.version)
  // Unfinished rebuilds leave several versions.
  const furthest = others.toSorted((a, b) => b.position - a.position)[0]
  if (own !== undefined) model.load(table => database.rowsOf(own, table), own.position)
  if (furthest === undefined) {
    serving.set(name, model)
    return
  }
  // Other versions remain only until this one catches up.
  const standIn = new ReadModel(projection, furthest)
  standIn.load(table => database.rowsOf(furthest, table), furthest.position)
  serving.set(name, standIn)
  rebuilding.set(name, { model, others })
}
