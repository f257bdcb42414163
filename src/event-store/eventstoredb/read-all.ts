import { type AllStreamResolvedEvent, BACKWARDS, END } from '@eventstore/db-client'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { ReadAllOptions } from '../event-store.ts'
import { streamFilter } from '../stream-filter.ts'
import type { CallContext } from './call-context.ts'
import { closed, throwIfFinal } from './errors.ts'
import { GapDetector } from './gap-detector.ts'
import { HARK_METADATA_PREFIXES } from './hark-streams.ts'
import { logPosition } from './log-position.ts'
import { chunksOf, resumedRead } from './resumed-read.ts'
import { RetryBudget } from './retry-budget.ts'
import { tail } from './subscribing/subscribe-call.ts'
import { toRecordedEvents, toSafeInteger, toSystemEvents } from './to-recorded-event.ts'

export const readAll = (context: CallContext, options: ReadAllOptions): AsyncGenerator<RecordedEvent, void> =>
  options.direction === 'backward' ? readBackward(context, options) : readForward(context, options)

/** The client's readAll has no server-side filter, and no end while the log grows. */
async function* readForward(
  context: CallContext,
  options: ReadAllOptions,
  read = toRecordedEvents,
): AsyncGenerator<RecordedEvent, void> {
  const { from = BEGINNING, limit = Number.POSITIVE_INFINITY, prefixes, allowGaps: passesGaps = false } = options
  if (limit <= 0) return
  const end = await readEnd(context)
  const revisions = passesGaps ? undefined : new GapDetector(1, from === BEGINNING ? 0 : undefined)
  yield* resumedRead(context, limit, async function* (last, silentForMs) {
    const after = last?.position ?? from
    if (after >= end) return
    const { openRead, closing: signal } = context
    const budget = { beginWithinMs: silentForMs, silentForMs }
    for await (const batch of tail(openRead, { after, prefixes, read, revisions, signal, ...budget })) {
      yield batch.events.filter(event => event.position <= end)
      if (batch.position >= end || batch.live) return
    }
    throw closed()
  })
}

export const readStreamMetadata = (context: CallContext): AsyncGenerator<RecordedEvent, void> =>
  readForward(context, { prefixes: HARK_METADATA_PREFIXES }, toSystemEvents)

const readBackward = (context: CallContext, options: ReadAllOptions): AsyncGenerator<RecordedEvent, void> => {
  const matches = streamFilter(options.prefixes)
  const revisions = options.allowGaps ? undefined : new GapDetector(-1)
  return resumedRead(context, options.limit ?? Number.POSITIVE_INFINITY, async function* (last, silentForMs) {
    const before = last?.position ?? options.from
    const fromPosition = before === undefined ? END : logPosition(before)
    const call = context.client.readAll({ direction: BACKWARDS, fromPosition })
    let isFirst = before === undefined
    for await (const taken of chunksOf<AllStreamResolvedEvent>(context, call, silentForMs)) {
      if (isFirst) context.lagDetector.assertEnd(positionOf(taken[0]!))
      isFirst = false
      const read = toRecordedEvents(taken.filter(({ event }) => event && matches(event.streamId)))
      const { events, damage } = revisions?.upToGap(read) ?? read
      yield events
      if (damage !== undefined) throw damage
    }
  })
}

/** Includes system streams and those of other applications. */
export const readEnd = async (context: CallContext): Promise<Position> => {
  const budget = new RetryBudget(context)
  for (;;) {
    try {
      const end = await callForEnd(context, budget.leftMs)
      context.lagDetector.assertEnd(end)
      return end
    } catch (error) {
      throwIfFinal(error)
      await budget.afterFailure(error)
    }
  }
}

/** @param requiresLeader as other nodes of a cluster may lag */
export const callForEnd = async (
  context: CallContext,
  silentForMs: number,
  requiresLeader = false,
): Promise<Position> => {
  const call = context.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1, requiresLeader })
  for await (const [last] of chunksOf<AllStreamResolvedEvent>(context, call, silentForMs)) return positionOf(last!)
  return BEGINNING
}

const positionOf = ({ event }: AllStreamResolvedEvent): Position => toSafeInteger(event!.position.commit)
