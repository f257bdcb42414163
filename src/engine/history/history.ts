import { HarkError, unavailable } from '../../../schemas/errors.ts'
import { formatPosition, type Position } from '../../../schemas/events/recorded-event.ts'
import { modelKey } from '../read-models/persistence/database.ts'
import type { KeptHistory } from '../read-models/persistence/kept-history.ts'
import { byQueriedModel } from '../read-models/projections.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { PastQuery } from './as-of-query.ts'
import type { Recorder } from './recorder.ts'
import type { Unobserved } from './types.ts'
import type { StoredMoment } from './version-store.ts'

const beginOf = (query: PastQuery, position: Position): Position => {
  if ('window' in query) return query.window.after
  return 'after' in query ? query.after : position
}

const compacted = ({ position, time }: KeptHistory): HarkError => {
  const keptFrom = new Date(time).toISOString()
  const place = formatPosition(position)
  return new HarkError(
    'BAD_USER_INPUT',
    `the history before ${keptFrom} (position ${place}) was removed by a compaction: choose a later moment, or read the log itself, as hark timeline does with --store`,
    { keptFrom, keptPosition: place },
  )
}

export class History {
  readonly #models: ReadModels
  readonly #recorder: Recorder
  readonly #whenWhole: () => Promise<void>

  /** @param whenWhole resolves once the database has all versions up to what is persisted */
  constructor(models: ReadModels, recorder: Recorder, whenWhole: () => Promise<void>) {
    this.#models = models
    this.#recorder = recorder
    this.#whenWhole = whenWhole
  }

  async positionAt(time: number): Promise<Position | undefined> {
    await this.#models.whenPersisted(this.#models.position)
    return this.#recorder.database.positionAt(time)
  }

  momentBefore(position: Position): Promise<StoredMoment | undefined> {
    return this.#recorder.database.momentBefore(position)
  }

  momentAfter(position: Position): Promise<StoredMoment | undefined> {
    return this.#recorder.database.momentAfter(position)
  }

  get kept(): KeptHistory | undefined {
    return this.#recorder.kept
  }

  /** @throws HarkError UNAVAILABLE if the history stays behind the position, BAD_USER_INPUT before a compaction */
  async query<Answer>(position: Position, query: PastQuery, unobserved?: Unobserved): Promise<Answer> {
    if (position > this.#models.position) throw unavailable('the read models are being rebuilt: try again later')
    await this.#whenWhole()
    await this.#models.whenPersisted(position).catch(() => {
      throw unavailable('the latest changes could not be persisted: try again later')
    })
    // Last, because a compaction may have begun meanwhile.
    this.#requireKept(beginOf(query, position))
    const models = byQueriedModel(name => modelKey(this.#models.serving[name].storedAs))
    try {
      return (await this.#recorder.database.past(models, position, query, unobserved)) as Answer
    } catch (error) {
      this.#models.checkDamage(error)
      throw error
    }
  }

  #requireKept(position: Position): void {
    const { kept } = this
    if (kept !== undefined && position < kept.position) throw compacted(kept)
  }
}
