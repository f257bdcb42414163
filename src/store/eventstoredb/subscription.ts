import { TimeoutError } from '@eventstore/db-client'
import { type Batch, StoreDamaged, type SubscribeOptions } from '../event-store.ts'
import { growingPauses, pause } from './patience.ts'
import type { Session } from './session.ts'
import { tail } from './tail.ts'

const LONGEST_PAUSE_MS = 2_000

/** Follows the log over any number of calls: what ends one of them is no end, and the next goes on where it was. */
export async function* subscription(
  { client, timeoutMs }: Session,
  { after, prefixes, signal }: SubscribeOptions,
  onLoss: (error: unknown) => void,
): AsyncGenerator<Batch, void> {
  let position = after
  let told = false
  let pauses = growingPauses(LONGEST_PAUSE_MS)
  while (!signal.aborted) {
    try {
      for await (const batch of tail(client, { after: position, prefixes, signal, beginWithinMs: timeoutMs })) {
        position = batch.position
        told = false
        pauses = growingPauses(LONGEST_PAUSE_MS)
        yield batch
      }
    } catch (error) {
      if (error instanceof StoreDamaged) throw error
      onLoss(error)
      if (!told && !isBehind(error)) {
        told = true
        yield { events: [], position, live: false }
      }
    }
    await pause(pauses.next().value, signal)
  }
}

/** A server that has more than a few dozen events waiting for a subscriber drops it, and is glad to take it back. */
const isBehind = (error: unknown): boolean => error instanceof TimeoutError
