import { type AllStreamResolvedEvent, BACKWARDS, END } from '@eventstore/db-client'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { ReadAllOptions } from '../event-store.ts'
import { streamFilter } from '../stream-filter.ts'
import type { Session } from './call-context.ts'
import { closed, throwFinal } from './errors.ts'
import { GapDetector } from './gap-detector.ts'
import { OUR_METADATA_PREFIXES } from './hark-streams.ts'
import { arrivalsOf, resumedRead } from './resumed-read.ts'
import { RetryBudget } from './retry.ts'
import { logPosition, tail } from './subscribe-call.ts'
import { readable, readableSystemEvents, toSafeInteger } from './to-recorded-event.ts'

export const readAll = (session: Session, options: ReadAllOptions): AsyncGenerator<RecordedEvent, void> =>
  options.direction === 'backward' ? readBackward(session, options) : readForward(session, options)

/** The client's own call for this has no filter on the server, and where the log grows it has no end: a tail has both. */
async function* readForward(
  session: Session,
  options: ReadAllOptions,
  read = readable,
): AsyncGenerator<RecordedEvent, void> {
  const { from = BEGINNING, limit = Number.POSITIVE_INFINITY, prefixes, allowGaps: passesGaps = false } = options
  if (limit <= 0) return
  const end = await endOfLog(session)
  const revisions = passesGaps ? undefined : new GapDetector(1, from === BEGINNING ? 0 : undefined)
  yield* resumedRead(session, limit, async function* (last, silentForMs) {
    const after = last?.position ?? from
    if (after >= end) return
    const { client, closing: signal } = session
    const patience = { beginWithinMs: silentForMs, silentForMs }
    for await (const batch of tail(client, { after, prefixes, read, revisions, signal, ...patience })) {
      yield batch.events.filter(event => event.position <= end)
      if (batch.position >= end || batch.live) return
    }
    throw closed()
  })
}

/** What was said of Hark's streams to the server, as events of the streams that it keeps that in. */
export const readOurMetadata = (session: Session): AsyncGenerator<RecordedEvent, void> =>
  readForward(session, { prefixes: OUR_METADATA_PREFIXES }, readableSystemEvents)

const readBackward = (session: Session, options: ReadAllOptions): AsyncGenerator<RecordedEvent, void> => {
  const matches = streamFilter(options.prefixes)
  const revisions = options.allowGaps ? undefined : new GapDetector(-1)
  return resumedRead(session, options.limit ?? Number.POSITIVE_INFINITY, async function* (last, silentForMs) {
    const before = last?.position ?? options.from
    const fromPosition = before === undefined ? END : logPosition(before)
    const call = session.client.readAll({ direction: BACKWARDS, fromPosition })
    let isFirst = before === undefined
    for await (const taken of arrivalsOf<AllStreamResolvedEvent>(session, call, silentForMs)) {
      if (isFirst) session.known.mustReachPosition(positionOf(taken[0]!))
      isFirst = false
      const read = readable(taken.filter(({ event }) => event && matches(event.streamId)))
      const { events, damage } = revisions?.upToGap(read) ?? read
      yield events
      if (damage !== undefined) throw damage
    }
  })
}

/** The position of the last event of the log, whoever wrote it. */
export const endOfLog = async (session: Session): Promise<Position> => {
  const patience = new RetryBudget(session)
  for (;;) {
    try {
      const end = await askEndOfLog(session, patience.leftMs)
      session.known.mustReachPosition(end)
      return end
    } catch (error) {
      throwFinal(error)
      await patience.afterFailure(error)
    }
  }
}

/** @param requiresLeader of a cluster no other is asked: another may be behind what was told already */
export const askEndOfLog = async (session: Session, silentForMs: number, requiresLeader = false): Promise<Position> => {
  const call = session.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1, requiresLeader })
  for await (const [last] of arrivalsOf<AllStreamResolvedEvent>(session, call, silentForMs)) return positionOf(last!)
  return BEGINNING
}

const positionOf = ({ event }: AllStreamResolvedEvent): Position => toSafeInteger(event!.position.commit)
