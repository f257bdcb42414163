import { setImmediate as nextTurn } from 'node:timers/promises'
import { BEGINNING, formatPosition } from '../../../schemas/events/recorded-event.ts'
import { AnotherLog, type Batch, type SubscribeOptions } from '../event-store.ts'
import { streamFilter } from '../stream-filter.ts'
import type { SqliteLog } from './log.ts'

export async function* subscription(
  log: SqliteLog,
  { after, prefixes, signal }: SubscribeOptions,
): AsyncGenerator<Batch, void> {
  if (after > log.head)
    throw new AnotherLog({ position: log.head }, `the log ends here, and was read up to ${formatPosition(after)}`)
  const matches = streamFilter(prefixes)
  const ended = AbortSignal.any([signal, log.closed])
  ended.addEventListener('abort', log.wake, { once: true })
  let position = Math.max(after, BEGINNING)
  let isLive = false
  while (!ended.aborted) {
    const { changed } = log
    if (isLive && position >= log.head) {
      await changed
      continue
    }
    const { events, last } = log.pageAfter(position, matches)
    position = last
    isLive = last >= log.head
    yield { events, position, live: isLive }
    // Lets other work run while catching up.
    if (!isLive) await nextTurn()
  }
}
