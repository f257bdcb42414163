import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { first } from '../../lib/first.ts'

/** The log is lost or the wrong one. */
export class LogMissing extends Error {
  override readonly name = 'LogMissing'

  constructor(knownEvents: string) {
    super(
      `the event log is empty, though ${knownEvents}: restore the log, set the right one with --store, or begin a new one with --new-log`,
    )
  }
}

/** Ignores key and lease events, which a starting engine writes. */
export const isEmptyLog = async (store: EventStore): Promise<boolean> =>
  (await first(store.readAll({ prefixes: READ_MODEL_PREFIXES, limit: 1 }))) === undefined
