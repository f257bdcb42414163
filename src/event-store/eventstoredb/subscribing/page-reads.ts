import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import type { Batch } from '../../event-store.ts'
import type { GapDetector } from '../gap-detector.ts'
import type { FollowedAppends } from '../own-appends.ts'
import { toRecordedEvents } from '../to-recorded-event.ts'
import { withTimeout } from '../with-timeout.ts'
import { MessageBuffer } from './message-buffer.ts'
import { openCall } from './open-call.ts'
import { type OpenRead, PAGE, pageRequest } from './read-request.ts'
import type { ServerEvent } from './subscription-message.ts'

/**
 * After so long without an append, events of other writers come from the live subscription again. If appends are under
 * way, the server pauses: pages then show what others append.
 */
const IDLE_MS = 50
/** A node may show an event later than it acknowledges it. */
const NOT_SHOWN_PAUSE_MS = 5
const MOST_PAUSES = 100

interface PageOptions {
  readonly last: RecordedEvent
  readonly prefixes: readonly string[]
  readonly revisions: GapDetector
  readonly appends: FollowedAppends
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/**
 * Reads behind the appends of this store, until there are none for a while. A live subscription delivers each event in
 * a message of its own, which costs server and client more than the appends do.
 *
 * @throws Error if `last` is no longer in its place
 */
export async function* pageReads(openRead: OpenRead, options: PageOptions): AsyncGenerator<Batch, void> {
  const { appends, revisions, signal } = options
  let { last } = options
  let pauses = 0
  while (!signal.aborted && pauses < MOST_PAUSES && (await appends.waitForMore(last.position, IDLE_MS))) {
    const { isFull, ...page } = await readPage(openRead, last, options)
    const { events, damage } = revisions.upToGap(page)
    const newest = events.at(-1)
    if (newest !== undefined) {
      last = newest
      pauses = 0
      yield { events, position: newest.position, live: damage === undefined && !isFull }
    }
    if (damage !== undefined) throw damage
    if (newest !== undefined || !appends.isAfter(last.position)) continue
    pauses += 1
    await sleep(NOT_SHOWN_PAUSE_MS)
  }
}

interface Page extends ReturnType<typeof toRecordedEvents> {
  /** More events may follow. */
  readonly isFull: boolean
}

/** Begins with the last event, which proves that the log is the same. */
const readPage = async (
  openRead: OpenRead,
  last: RecordedEvent,
  { prefixes, signal, timeoutMs }: PageOptions,
): Promise<Page> => {
  const call = await openCall(openRead, pageRequest(last.position, prefixes), signal, timeoutMs)
  const arrivals = new MessageBuffer(call, signal)
  const resolved: { readonly event?: ServerEvent }[] = []
  try {
    while (!signal.aborted) {
      for (const message of arrivals.take()) if (message.kind === 'event') resolved.push(message)
      if (arrivals.ended) break
      await withTimeout(timeoutMs, arrivals.waitForMore())
    }
  } finally {
    arrivals.cancel()
  }
  if (signal.aborted) return { events: [], isFull: false }
  const [first, ...later] = resolved
  if (first?.event?.id !== last.id || first.event.position.commit !== last.position)
    throw new Error('the last event is not in its place')
  return { ...toRecordedEvents(later), isFull: resolved.length >= PAGE }
}
