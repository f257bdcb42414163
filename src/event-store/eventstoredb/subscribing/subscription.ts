import { TimeoutError } from '@eventstore/db-client'
import { BEGINNING } from '../../../../schemas/events/recorded-event.ts'
import { AnotherLog, type Batch, StoreCorrupted, type SubscribeOptions } from '../../event-store.ts'
import type { CallContext } from '../call-context.ts'
import { GapDetector } from '../gap-detector.ts'
import { ServerLagging } from '../known-ends.ts'
import { backoffDelays, pause } from '../retry-budget.ts'
import { assertSameLog, LagTimer, type Progress } from '../same-log.ts'
import { tail } from './subscribe-call.ts'

const LONGEST_PAUSE_MS = 2_000

export async function* subscription(
  context: CallContext,
  { after, prefixes, signal }: SubscribeOptions,
  onLoss: (error: unknown) => void,
): AsyncGenerator<Batch, void> {
  const { openSubscription, timeoutMs } = context
  const revisions = new GapDetector(1, after === BEGINNING ? 0 : undefined)
  const lagTimer = new LagTimer(context)
  let standing: Progress = { position: after, last: undefined }
  let needsCheck = after !== BEGINNING
  let hasReportedLoss = false
  let pauses = backoffDelays(LONGEST_PAUSE_MS)
  while (!signal.aborted) {
    try {
      if (needsCheck) await assertSameLog({ ...context, closing: signal }, standing, lagTimer)
      const options = { after: resumeAfter(standing), prefixes, revisions, signal, beginWithinMs: timeoutMs }
      for await (const batch of tail(openSubscription, options)) {
        standing = advance(standing, batch)
        for (const event of batch.events) context.knownEnds.record(event)
        hasReportedLoss = false
        pauses = backoffDelays(LONGEST_PAUSE_MS)
        yield { ...batch, position: standing.position }
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof StoreCorrupted) throw error
      needsCheck = true
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
