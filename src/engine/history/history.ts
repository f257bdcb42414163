import { unavailable } from '../../../schemas/errors.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { modelKey } from '../read-models/persistence/database.ts'
import { byQueriedModel } from '../read-models/projections.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { PastQuery } from './as-of-query.ts'
import type { Recorder } from './recorder.ts'
import type { Unobserved } from './types.ts'
import type { StoredMoment } from './version-store.ts'

export class History {
  readonly #models: ReadModels
  readonly #recorder: Recorder

  constructor(models: ReadModels, recorder: Recorder) {
    this.#models = models
    this.#recorder = recorder
  }

  /** @param time milliseconds since 1970 */
  async positionAt(time: number): Promise<Position | undefined> {
    await this.#models.whenPersisted(this.#models.position)
    return this.#recorder.database.positionAt(time)
  }

  /** Returns the nearest known event at or before a position. */
  momentBefore(position: Position): Promise<StoredMoment | undefined> {
    return this.#recorder.database.momentBefore(position)
  }

  /** Returns the nearest persisted event at or after a position. */
  momentAfter(position: Position): Promise<StoredMoment | undefined> {
    return this.#recorder.database.momentAfter(position)
  }

  /** @throws HarkError UNAVAILABLE if the history is behind the position */
  async query<Answer>(position: Position, query: PastQuery, unobserved?: Unobserved): Promise<Answer> {
    if (position > this.#models.position) throw unavailable('the read models are being rebuilt: try again later')
    await this.#models.whenPersisted(position).catch(() => {
      throw unavailable('the latest changes could not be persisted: try again later')
    })
    const models = byQueriedModel(name => modelKey(this.#models.serving[name].storedAs))
    try {
      return (await this.#recorder.database.past(models, position, query, unobserved)) as Answer
    } catch (error) {
      this.#models.checkDamage(error)
      throw error
    }
  }
}
