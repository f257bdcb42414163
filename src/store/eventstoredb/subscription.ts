import { TimeoutError } from '@eventstore/db-client'
import { BEGINNING, type Position } from '../../../schemas/recorded-event.ts'
import { type Batch, LogEndsBefore, StoreDamaged, type SubscribeOptions } from '../event-store.ts'
import { growingPauses, pause } from './patience.ts'
import { askEndOfLog } from './read-all.ts'
import { Revisions } from './revisions.ts'
import type { Session } from './session.ts'
import { tail } from './tail.ts'

const LONGEST_PAUSE_MS = 2_000

/** Follows the log over any number of calls: what ends one of them is no end, and the next goes on where it was. */
export async function* subscription(
  { client, timeoutMs }: Session,
  { after, prefixes, signal }: SubscribeOptions,
  onLoss: (error: unknown) => void,
): AsyncGenerator<Batch, void> {
  const revisions = new Revisions(1, after === BEGINNING ? 0 : undefined)
  let position = after
  let isInDoubt = after !== BEGINNING
  let told = false
  let pauses = growingPauses(LONGEST_PAUSE_MS)
  while (!signal.aborted) {
    try {
      if (isInDoubt) await mustReach(position, { client, timeoutMs, closing: signal })
      const options = { after: position, prefixes, revisions, signal, beginWithinMs: timeoutMs }
      for await (const batch of tail(client, options)) {
        position = batch.position
        told = false
        pauses = growingPauses(LONGEST_PAUSE_MS)
        yield batch
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof StoreDamaged) throw error
      isInDoubt = true
      onLoss(error)
      if (!told && !isBehind(error)) {
        told = true
        yield { events: [], position, live: false }
      }
    }
    await pause(pauses.next().value, signal)
  }
}

/** A server is not always the one that it was: to go on behind its end would be to miss what comes before that. */
const mustReach = async (position: Position, session: Session): Promise<void> => {
  const end = await askEndOfLog(session, session.timeoutMs, true)
  if (end < position) throw new LogEndsBefore(end, position)
}

/** A server that has more than a few dozen events waiting for a subscriber drops it, and is glad to take it back. */
const isBehind = (error: unknown): boolean => error instanceof TimeoutError
