import { LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import { type EventStore, StoreCorrupted } from '../../event-store/event-store.ts'
import { first } from '../../lib/first.ts'

/** What is known of a log from outside it. */
export interface LogIdentity {
  /** Of keys that signed it. */
  readonly keyIds: readonly (string | undefined)[]
  /** The id of its first event. */
  readonly firstEvent?: string | undefined
}

/** The keys or the stored checkpoint belong to another log. */
export class UnrelatedLog extends Error {
  override readonly name = 'UnrelatedLog'
}

/**
 * Asserts that a log is the one that is known: one thing in common is enough, as any other difference is tampering.
 *
 * @param logKeyIds of the keys that the log introduces
 * @throws UnrelatedLog if there is nothing in common
 */
export const assertSameLog = async (
  store: EventStore,
  { keyIds, firstEvent }: LogIdentity,
  logKeyIds: readonly string[],
): Promise<void> => {
  const known = keyIds.filter(id => id !== undefined)
  if (known.length === 0 || known.some(id => logKeyIds.includes(id))) return
  try {
    const event = await first(store.readAll({ prefixes: LOG_PREFIXES, limit: 1 }))
    // An empty log may be the one that is known, cut off at its beginning.
    if (event === undefined || event.id === firstEvent) return
  } catch (error) {
    if (error instanceof StoreCorrupted) return
    throw error
  }
  const signers = logKeyIds.length === 0 ? 'no key' : `key ${logKeyIds.join(', then ')}`
  throw new UnrelatedLog(`the log is signed by ${signers}, and key ${known[0]} is expected`)
}
