import { LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import { type EventStore, StoreCorrupted } from '../../event-store/event-store.ts'
import { first } from '../../lib/first.ts'

interface LogIdentity {
  readonly keyIds: readonly (string | undefined)[]
  readonly firstEvent?: string | undefined
}

export class UnrelatedLog extends Error {
  override readonly name = 'UnrelatedLog'
}

/**
 * One match is enough; other differences are tampering.
 *
 * @throws UnrelatedLog
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
    // An empty log may have been cut off at its beginning.
    if (event === undefined || event.id === firstEvent) return
  } catch (error) {
    if (error instanceof StoreCorrupted) return
    throw error
  }
  const signers = logKeyIds.length === 0 ? 'no key' : `key ${logKeyIds.join(', then ')}`
  throw new UnrelatedLog(`the log is signed by ${signers}, and key ${known[0]} is expected`)
}
