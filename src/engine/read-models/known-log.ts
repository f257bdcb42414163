import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { first } from '../../lib/first.ts'

/** There are events that this log should have, and it has none: it was lost, or it is not the one that is meant. */
export class LogMissing extends Error {
  override readonly name = 'LogMissing'

  /** @param knownEvents what knows of events in the log */
  constructor(knownEvents: string) {
    super(
      `there is no event in the event log, though ${knownEvents}: put the log back, name the right one with --store, or begin a new one with --new-log`,
    )
  }
}

/** Whether it has nothing that read models are made from: an engine that starts writes of keys and of whose turn it is. */
export const isEmptyLog = async (store: EventStore): Promise<boolean> =>
  (await first(store.readAll({ prefixes: READ_MODEL_PREFIXES, limit: 1 }))) === undefined
