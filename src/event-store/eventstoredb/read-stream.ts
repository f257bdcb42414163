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
import type { CallContext } from './call-context.ts'
import { GapDetector } from './gap-detector.ts'
import { isHarkStream } from './hark-streams.ts'
import { chunksOf, resumedRead } from './resumed-read.ts'
import { readTruncation, withTruncation } from './stream-metadata.ts'
import { deletedForGood, toRecordedEvents } from './to-recorded-event.ts'

export const readStream = (
  context: CallContext,
  stream: string,
  { from, direction = 'forward', limit = Number.POSITIVE_INFINITY }: ReadStreamOptions,
): AsyncGenerator<RecordedEvent, void> => {
  const isForward = direction === 'forward'
  const step = isForward ? 1 : -1
  // A backward read begins at the last event, even if `from` is later.
  const revisions = new GapDetector(step, isForward ? (from ?? 0) : undefined)

  return resumedRead(context, limit, async function* (last, silentForMs) {
    const begin = last ? last.revision + step : from
    if (begin !== undefined && begin < 0) return
    const call = context.client.readStream(stream, {
      direction: isForward ? FORWARDS : BACKWARDS,
      fromRevision: begin === undefined ? (isForward ? START : END) : BigInt(begin),
      maxCount: Number.isFinite(limit) ? limit : Number.MAX_SAFE_INTEGER,
    })
    const why = async (gap: StoreCorrupted): Promise<StoreCorrupted> =>
      withTruncation(gap, await readTruncation(context, stream, silentForMs))
    let given = 0
    try {
      for await (const taken of chunksOf<ResolvedEvent>(context, call, silentForMs)) {
        const read = toRecordedEvents(taken)
        if (begin === undefined && !isForward && given === 0 && read.events[0])
          context.lagDetector.assertRevision(stream, read.events[0].revision)
        const { events, damage } = revisions.upToGap(read)
        yield events
        if (damage !== undefined) throw damage === read.damage ? damage : await why(damage)
        given += events.length
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError || error instanceof StreamDeletedError)) throw error
      if (!isHarkStream(stream)) return
      await assertNeverExisted(context, stream, error, silentForMs)
      context.lagDetector.assertRevision(stream, NO_STREAM)
      return
    }
    if (!isHarkStream(stream) || given >= limit) return
    const next = revisions.nextOf(stream)
    if (next === undefined && (!isForward || !begin)) throw await why(endsEarly(stream, undefined))
    if (!isForward && next !== -1) throw await why(endsEarly(stream, next))
    if (isForward) context.lagDetector.assertRevision(stream, (next ?? begin ?? 0) - 1)
    // Either the read begins after the stream's end, or all events are hidden.
    if (next === undefined) await first(readStream(context, stream, { direction: 'backward', limit: 1 }))
  })
}

const endsEarly = (stream: string, revision: number | undefined): StoreCorrupted =>
  revision === undefined
    ? new StoreCorrupted({ stream }, 'none of its events can be read')
    : new StoreCorrupted(
        { stream, revision },
        revision === 0 ? 'it is missing' : 'it is missing, and so are all earlier events of the stream',
      )

const assertNeverExisted = async (
  context: CallContext,
  stream: string,
  error: Error,
  silentForMs: number,
): Promise<void> => {
  if (error instanceof StreamDeletedError) throw deletedForGood({ stream })
  const hiding = await readTruncation(context, stream, silentForMs)
  // Other metadata can precede the stream, and hides only some of its events.
  if (hiding?.isDeleted) throw new StoreCorrupted({ stream }, hiding.reason)
}
