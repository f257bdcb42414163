import { TimeoutError } from '@eventstore/db-client'
import { BEGINNING, type RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import { AnotherLog, type Batch, StoreCorrupted, type SubscribeOptions } from '../../event-store.ts'
import { streamFilter } from '../../stream-filter.ts'
import type { CallContext } from '../call-context.ts'
import { GapDetector } from '../gap-detector.ts'
import { ServerLagging } from '../lag-detector.ts'
import type { FollowedAppends } from '../own-appends.ts'
import { backoffDelays, pause } from '../retry-budget.ts'
import { assertSameLog, LagTimer, type Progress } from '../same-log.ts'
import { pageReads } from './page-reads.ts'
import { tail } from './subscribe-call.ts'

const LONGEST_PAUSE_MS = 2_000

export async function* subscription(
  context: CallContext,
  options: SubscribeOptions,
  onLoss: (error: unknown) => void,
): AsyncGenerator<Batch, void> {
  const appends = context.ownAppends.follow(streamFilter(options.prefixes))
  try {
    yield* resumedSubscription(context, options, appends, onLoss)
  } finally {
    appends.leave()
  }
}

async function* resumedSubscription(
  context: CallContext,
  { after, prefixes, signal }: SubscribeOptions,
  appends: FollowedAppends,
  onLoss: (error: unknown) => void,
): AsyncGenerator<Batch, void> {
  const { openRead, ownAppends, timeoutMs } = context
  const revisions = new GapDetector(1, after === BEGINNING ? 0 : undefined)
  const lagTimer = new LagTimer(context)
  let standing: Progress = { position: after, last: undefined }
  let needsCheck = after !== BEGINNING
  let hasReportedLoss = false
  let isLive = false
  let pauses = backoffDelays(LONGEST_PAUSE_MS)
  const live = (): AsyncGenerator<Batch, void> =>
    tail(openRead, {
      after: resumeAfter(standing),
      prefixes,
      revisions,
      signal,
      isLive,
      beginWithinMs: timeoutMs,
    })
  const pages = (last: RecordedEvent): AsyncGenerator<Batch, void> =>
    pageReads(openRead, { last, prefixes, revisions, appends, signal, timeoutMs })
  let readsPages = false
  while (!signal.aborted) {
    try {
      if (needsCheck) await assertSameLog({ ...context, closing: signal }, standing, lagTimer)
      needsCheck = false
      const pageAfter: RecordedEvent | undefined = readsPages ? standing.last : undefined
      readsPages = false
      for await (const batch of pageAfter === undefined ? live() : pages(pageAfter)) {
        standing = advance(standing, batch)
        for (const event of batch.events) context.lagDetector.record(event)
        isLive = batch.live
        hasReportedLoss = false
        pauses = backoffDelays(LONGEST_PAUSE_MS)
        yield { ...batch, position: standing.position }
        // Without events it would search again from its last one, which may be far back.
        readsPages = pageAfter === undefined && isLive && batch.events.length > 0 && ownAppends.isCrowded
        if (readsPages) break
      }
      continue
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof StoreCorrupted) throw error
      needsCheck = true
      isLive = false
      if (!(error instanceof ServerLagging)) lagTimer.reset()
      onLoss(error)
      if (!hasReportedLoss && !isBehind(error)) {
        hasReportedLoss = true
        yield { events: [], position: standing.position, live: false }
      }
    }
    await pause(pauses.next().value, signal)
  }
}

/** The server accepts only positions of events as a start. */
const resumeAfter = ({ position, last }: Progress): number => last?.position ?? position

/** @throws AnotherLog if an event appears in the part searched before */
const advance = ({ position, last }: Progress, { events, position: searched }: Batch): Progress => {
  const [first] = events
  if (first !== undefined && first.position <= position)
    throw new AnotherLog(first, 'there was no event here when the log was read')
  return { position: Math.max(position, searched), last: events.at(-1) ?? last }
}

/** The server drops a subscriber that lags by a few dozen events, which is no outage. */
const isBehind = (error: unknown): boolean => error instanceof TimeoutError
