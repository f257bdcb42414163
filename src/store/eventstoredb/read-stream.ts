import {
  BACKWARDS,
  END,
  FORWARDS,
  type ResolvedEvent,
  START,
  StreamDeletedError,
  StreamNotFoundError,
} from '@eventstore/db-client'
import type { RecordedEvent } from '../../../schemas/recorded-event.ts'
import type { ReadStreamOptions } from '../event-store.ts'
import { readable } from './recorded-event.ts'
import { arrivalsOf, resumedRead } from './resumed-read.ts'
import type { Session } from './session.ts'

/** Events of one stream; none where it is not there, or no longer. */
export const readStream = (
  session: Session,
  stream: string,
  { from, direction = 'forward', limit = Number.POSITIVE_INFINITY }: ReadStreamOptions,
): AsyncGenerator<RecordedEvent, void> => {
  const isForward = direction === 'forward'
  return resumedRead(session, limit, async function* (last, silentForMs) {
    const next = last ? last.revision + (isForward ? 1 : -1) : from
    if (next !== undefined && next < 0) return
    const call = session.client.readStream(stream, {
      direction: isForward ? FORWARDS : BACKWARDS,
      fromRevision: next === undefined ? (isForward ? START : END) : BigInt(next),
      maxCount: Number.isFinite(limit) ? limit : Number.MAX_SAFE_INTEGER,
    })
    try {
      for await (const taken of arrivalsOf<ResolvedEvent>(session, call, silentForMs)) {
        const { events, damage } = readable(taken)
        yield events
        if (damage !== undefined) throw damage
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError || error instanceof StreamDeletedError)) throw error
    }
  })
}
