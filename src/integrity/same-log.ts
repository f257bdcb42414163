import { LOG_PREFIXES } from '../../schemas/events/streams.ts'
import { type EventStore, StoreCorrupted } from '../event-store/event-store.ts'
import { first } from '../lib/first.ts'

/** What somebody has of the log that it belongs to. */
export interface Belongings {
  /** Of keys that sign it, or did. */
  readonly keyIds: readonly (string | undefined)[]
  /** The id of its first event. */
  readonly firstEvent?: string | undefined
}

/** The log is another one than keys, or what is remembered of checkpoints, are of. */
export class Unrelated extends Error {
  override readonly name = 'Unrelated'
}

/**
 * One thing in common is enough: what else differs is what was done to the log.
 *
 * @param introduced the ids of the keys that the log introduces
 * @throws Unrelated where the two have nothing in common
 */
export const mustBelongTogether = async (
  store: EventStore,
  { keyIds, firstEvent }: Belongings,
  introduced: readonly string[],
): Promise<void> => {
  const known = keyIds.filter(id => id !== undefined)
  if (known.length === 0 || known.some(id => introduced.includes(id))) return
  try {
    const event = await first(store.readAll({ prefixes: LOG_PREFIXES, limit: 1 }))
    // Of a log that is empty all was cut off.
    if (event === undefined || event.id === firstEvent) return
  } catch (error) {
    if (error instanceof StoreCorrupted) return
    throw error
  }
  const signers = introduced.length === 0 ? 'no key' : `key ${introduced.join(', then ')}`
  throw new Unrelated(`${signers} signs the log, and it is key ${known[0]} that signs there`)
}
