import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { Session } from './call-context.ts'
import { closed, throwFinal } from './errors.ts'
import { RetryBudget, withTimeout } from './retry.ts'
import { BufferedStreamReader, type ClientStream } from './stream-reader.ts'

/** How a reading goes on after `last`, which is the last event that it gave, within the time that it has. */
type Continue = (last: RecordedEvent | undefined, silentForMs: number) => AsyncIterable<readonly RecordedEvent[]>

/** One reading over as many calls as it takes: where one breaks off, the next goes on. */
export async function* resumedRead(
  session: Session,
  limit: number,
  proceed: Continue,
): AsyncGenerator<RecordedEvent, void> {
  const patience = new RetryBudget(session)
  let left = limit
  let last: RecordedEvent | undefined
  while (left > 0) {
    try {
      for await (const events of proceed(last, patience.leftMs)) {
        for (const event of events.slice(0, left)) {
          last = event
          yield event
        }
        left -= events.length
        if (left <= 0) return
        patience.renew()
      }
      return
    } catch (error) {
      throwFinal(error)
      await patience.afterFailure(error)
    }
  }
}

/** What one call of the client's gives, as much at a time as has arrived. */
export async function* arrivalsOf<T>(
  session: Session,
  call: ClientStream & { cancel(): Promise<void> },
  silentForMs: number,
): AsyncGenerator<T[], void> {
  const arrivals = new BufferedStreamReader<T>(call, () => call.cancel(), session.closing)
  try {
    while (!arrivals.ended) {
      if (session.closing.aborted) throw closed()
      const taken = arrivals.take()
      if (taken.length > 0) yield taken
      else if (!arrivals.ended) await withTimeout(silentForMs, arrivals.more())
    }
  } finally {
    arrivals.cancel()
  }
}
