import { type AllStreamResolvedEvent, BACKWARDS, END } from '@eventstore/db-client'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/recorded-event.ts'
import type { ReadAllOptions } from '../event-store.ts'
import { streamFilter } from '../stream-filter.ts'
import { closed, throwFinal } from './errors.ts'
import { Patience } from './patience.ts'
import { exactNumber, readable } from './recorded-event.ts'
import { arrivalsOf, resumedRead } from './resumed-read.ts'
import type { Session } from './session.ts'
import { logPosition, tail } from './tail.ts'

export const readAll = (session: Session, options: ReadAllOptions): AsyncGenerator<RecordedEvent, void> =>
  options.direction === 'backward' ? readBackward(session, options) : readForward(session, options)

/** The client's own call for this has no filter on the server, and where the log grows it has no end: a tail has both. */
async function* readForward(session: Session, options: ReadAllOptions): AsyncGenerator<RecordedEvent, void> {
  const { from = BEGINNING, limit = Number.POSITIVE_INFINITY, prefixes } = options
  if (limit <= 0) return
  const end = await endOfLog(session)
  yield* resumedRead(session, limit, async function* (last, silentForMs) {
    const after = last?.position ?? from
    if (after >= end) return
    const { client, closing: signal } = session
    for await (const batch of tail(client, { after, prefixes, signal, beginWithinMs: silentForMs, silentForMs })) {
      yield batch.events.filter(event => event.position <= end)
      if (batch.position >= end || batch.live) return
    }
    throw closed()
  })
}

const readBackward = (session: Session, options: ReadAllOptions): AsyncGenerator<RecordedEvent, void> => {
  const matches = streamFilter(options.prefixes)
  return resumedRead(session, options.limit ?? Number.POSITIVE_INFINITY, async function* (last, silentForMs) {
    const before = last?.position ?? options.from
    const fromPosition = before === undefined ? END : logPosition(before)
    const call = session.client.readAll({ direction: BACKWARDS, fromPosition })
    for await (const taken of arrivalsOf<AllStreamResolvedEvent>(session, call, silentForMs)) {
      const { events, damage } = readable(taken.filter(({ event }) => event && matches(event.streamId)))
      yield events
      if (damage !== undefined) throw damage
    }
  })
}

/** The position of the last event of the log, whoever wrote it. */
export const endOfLog = async (session: Session): Promise<Position> => {
  const patience = new Patience(session)
  for (;;) {
    try {
      const call = session.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 })
      for await (const [last] of arrivalsOf<AllStreamResolvedEvent>(session, call, patience.leftMs)) {
        return exactNumber(last!.event!.position.commit)
      }
      return BEGINNING
    } catch (error) {
      throwFinal(error)
      await patience.afterFailure(error)
    }
  }
}
