import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { ChangesOfEvent, FollowedRows } from '../history/replayed-tables.ts'
import type { PastChanges } from '../history/row-changes.ts'
import type { Moment } from '../queries/types.ts'
import type { QueriedTables } from '../read-models/projections.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { Emitter, Source } from './catch-up-subscription.ts'
import type { ChangeBatch } from './types.ts'

export interface RowWatch<T> {
  readonly name: string
  readonly topic: string
  readonly rows: readonly FollowedRows[]
  begin(tables: QueriedTables, at: Moment): Emitter<T>
  /** Marks a past value, so related data is read at its position. */
  asOf(value: T, position: Position): T
}

interface RowSources {
  readonly models: ReadModels
  readonly past: PastChanges
  readonly head: () => Moment
  readonly momentAt: (position: Position) => Promise<Moment>
}

export const rowSource = <T>(
  { name, topic, rows, begin, asOf }: RowWatch<T>,
  { models, past, head, momentAt }: RowSources,
): Source<T> => ({
  name,
  topic,
  now: () => begin(models.tables, head()),
  async *since(after, to, wantsFirst): AsyncGenerator<ChangeBatch<T>> {
    const replica = await past.replica(rows, after)
    const { first, next } = begin(replica.tables, await momentAt(after))
    if (wantsFirst) yield { position: after, values: first.map(value => asOf(value, after)) }
    for await (const changes of past.between(replica, rows, after, to)) {
      const { position } = changes.event
      const values = next(changes)
      if (values.length > 0) yield { position, values: values.map(value => asOf(value, position)) }
    }
  },
})

export const momentOf = ({ event: { position, time } }: ChangesOfEvent): Moment => ({ position, time })
