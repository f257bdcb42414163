import {
  BACKWARDS,
  END,
  FORWARDS,
  type ResolvedEvent,
  START,
  StreamDeletedError,
  StreamNotFoundError,
} from '@eventstore/db-client'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { first } from '../../lib/first.ts'
import { NO_STREAM, type ReadStreamOptions, StoreCorrupted } from '../event-store.ts'
import type { Session } from './call-context.ts'
import { GapDetector } from './gap-detector.ts'
import { isHarkStream } from './hark-streams.ts'
import { arrivalsOf, resumedRead } from './resumed-read.ts'
import { explained, hidingOf } from './stream-metadata.ts'
import { deletedForGood, readable } from './to-recorded-event.ts'

/** Events of one stream; none where it is not there. */
export const readStream = (
  session: Session,
  stream: string,
  { from, direction = 'forward', limit = Number.POSITIVE_INFINITY }: ReadStreamOptions,
): AsyncGenerator<RecordedEvent, void> => {
  const isForward = direction === 'forward'
  const step = isForward ? 1 : -1
  // Backward the first is the stream's last, wherever the reading was to begin.
  const revisions = new GapDetector(step, isForward ? (from ?? 0) : undefined)

  return resumedRead(session, limit, async function* (last, silentForMs) {
    const begin = last ? last.revision + step : from
    if (begin !== undefined && begin < 0) return
    const call = session.client.readStream(stream, {
      direction: isForward ? FORWARDS : BACKWARDS,
      fromRevision: begin === undefined ? (isForward ? START : END) : BigInt(begin),
      maxCount: Number.isFinite(limit) ? limit : Number.MAX_SAFE_INTEGER,
    })
    const why = async (gap: StoreCorrupted): Promise<StoreCorrupted> =>
      explained(gap, await hidingOf(session, stream, silentForMs))
    let given = 0
    try {
      for await (const taken of arrivalsOf<ResolvedEvent>(session, call, silentForMs)) {
        const read = readable(taken)
        // Backward from its end a stream begins with the last event that it has.
        if (begin === undefined && !isForward && given === 0 && read.events[0])
          session.known.mustReach(stream, read.events[0].revision)
        const { events, damage } = revisions.upToGap(read)
        yield events
        if (damage !== undefined) throw damage === read.damage ? damage : await why(damage)
        given += events.length
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError || error instanceof StreamDeletedError)) throw error
      if (!isHarkStream(stream)) return
      await mustNeverHaveBeen(session, stream, error, silentForMs)
      session.known.mustReach(stream, NO_STREAM)
      return
    }
    if (!isHarkStream(stream) || given >= limit) return
    const next = revisions.nextOf(stream)
    if (next === undefined && (!isForward || !begin)) throw await why(endsEarly(stream, undefined))
    if (!isForward && next !== -1) throw await why(endsEarly(stream, next))
    if (isForward) session.known.mustReach(stream, (next ?? begin ?? 0) - 1)
    // Behind the end of a stream nothing is to be read; nor of one all of whose events are hidden.
    if (next === undefined) await first(readStream(session, stream, { direction: 'backward', limit: 1 }))
  })
}

/** The first event of a stream is one that it had: it cannot end before. */
const endsEarly = (stream: string, revision: number | undefined): StoreCorrupted =>
  revision === undefined
    ? new StoreCorrupted({ stream }, 'none of its events can be read')
    : new StoreCorrupted({ stream, revision }, revision === 0 ? 'it is missing' : 'it is missing, and all before it')

/** @throws StoreCorrupted where a stream is not there that was */
const mustNeverHaveBeen = async (
  session: Session,
  stream: string,
  error: Error,
  silentForMs: number,
): Promise<void> => {
  if (error instanceof StreamDeletedError) throw deletedForGood({ stream })
  const hiding = await hidingOf(session, stream, silentForMs)
  // Others may be set of a stream before it is there; and where it is, they leave something to be found.
  if (hiding?.isDeleted) throw new StoreCorrupted({ stream }, hiding.reason)
}
