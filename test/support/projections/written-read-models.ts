import type { HarkEvent } from '../../../schemas/events/events.ts'
import { HistoryDatabase } from '../../../src/engine/history/history-database.ts'
import { PendingVersions } from '../../../src/engine/history/pending-versions.ts'
import { PendingTimestamps } from '../../../src/engine/history/timestamp-index.ts'
import { EventTimes } from '../../../src/engine/overview/event-times.ts'
import { modelKey } from '../../../src/engine/read-models/persistence/database.ts'
import { PROJECTIONS } from '../../../src/engine/read-models/projections.ts'
import { ReadModel } from '../../../src/engine/read-models/read-model.ts'

/** Projects a log as an engine does, and writes down after each of these events; after the last one, too. */
export const written = (
  log: readonly HarkEvent[],
  writeAfter: ReadonlySet<number>,
  file = ':memory:',
  afterWrite: (database: HistoryDatabase, last: HarkEvent) => void = () => undefined,
): HistoryDatabase => {
  const database = new HistoryDatabase(file)
  const models = Object.values(PROJECTIONS).map(projection => {
    const model = new ReadModel(projection as never)
    const pending = new PendingVersions(modelKey(model.id), model.projection.tables, 0)
    model.onProjected((event, changes) => pending.note(event, changes))
    return { model, pending }
  })
  const moments = new PendingTimestamps()
  const times = new EventTimes()
  let last: HarkEvent | undefined
  const write = () => {
    database.begin()
    for (const [time, position] of moments.take()) database.versions.addMoment(time, position)
    database.putEventTimes(times.take())
    for (const part of ['rows', 'versions'] as const) if (last !== undefined) database.setLastEvent(part, last)
    for (const { model, pending } of models) {
      const position = model.beginWriting()
      for (const { table, rows } of model.chunks())
        for (const [key, row] of rows) database.put(model.id, table, key, row)
      for (const encoded of pending.beginWriting()) database.putVersions(encoded)
      database.checkpoint({ ...model.id, position, versionsTo: position })
      model.written()
      pending.written()
    }
    database.commit()
    if (last !== undefined) afterWrite(database, last)
  }
  for (const [index, event] of log.entries()) {
    for (const { model } of models) model.project(event)
    const time = moments.note(event.time, event.position)
    if (time !== undefined) times.note(event.stream, time)
    last = event
    if (writeAfter.has(index)) write()
  }
  write()
  return database
}
