import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { CallContext } from './call-context.ts'
import { closed, throwIfFinal } from './errors.ts'
import { RetryBudget } from './retry-budget.ts'
import { BufferedStreamReader, type ClientStream } from './stream-reader.ts'
import { withTimeout } from './with-timeout.ts'

type Continue = (last: RecordedEvent | undefined, silentForMs: number) => AsyncIterable<readonly RecordedEvent[]>

export async function* resumedRead(
  context: CallContext,
  limit: number,
  proceed: Continue,
): AsyncGenerator<RecordedEvent, void> {
  const budget = new RetryBudget(context)
  let left = limit
  let last: RecordedEvent | undefined
  while (left > 0) {
    try {
      for await (const events of proceed(last, budget.leftMs)) {
        for (const event of events.slice(0, left)) {
          last = event
          yield event
        }
        left -= events.length
        if (left <= 0) return
        budget.renew()
      }
      return
    } catch (error) {
      throwIfFinal(error)
      await budget.afterFailure(error)
    }
  }
}

export async function* chunksOf<T>(
  context: CallContext,
  call: ClientStream & { cancel(): Promise<void> },
  silentForMs: number,
): AsyncGenerator<T[], void> {
  const arrivals = new BufferedStreamReader<T>(call, () => call.cancel(), context.closing)
  try {
    while (!arrivals.ended) {
      if (context.closing.aborted) throw closed()
      const taken = arrivals.take()
      if (taken.length > 0) yield taken
      else if (!arrivals.ended) await withTimeout(silentForMs, arrivals.waitForMore())
    }
  } finally {
    arrivals.cancel()
  }
}
