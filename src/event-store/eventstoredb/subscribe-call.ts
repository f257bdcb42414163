import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type Position as LogPosition,
  START,
  streamNameFilter,
} from '@eventstore/db-client'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { Batch, StoreCorrupted } from '../event-store.ts'
import type { GapDetector } from './gap-detector.ts'
import { withTimeout } from './retry-budget.ts'
import { BufferedStreamReader } from './stream-reader.ts'
import { type EventReader, toRecordedEvents, toSafeInteger } from './to-recorded-event.ts'

/** Events searched before the server reports its position. */
const SEARCH_WINDOW = 1_000
/** Each may be MAX_APPEND_BYTES large. */
const BUFFERED_EVENTS = 256

const NO_SYSTEM_STREAM = '^[^$]'
const NO_STREAM_AT_ALL = '^$'

interface TailOptions {
  /** Exclusive. */
  readonly after: Position
  readonly prefixes: readonly string[] | undefined
  /** By default skips system events. */
  readonly read?: EventReader
  readonly revisions?: GapDetector | undefined
  readonly signal: AbortSignal
  readonly beginWithinMs: number
  /** Limit of waiting for each later response; default: none. */
  readonly silentForMs?: number
}

/** The positions of an event differ only in transactions, which Hark does not use. */
export const logPosition = (position: Position): LogPosition => ({
  commit: BigInt(position),
  prepare: BigInt(position),
})

/** Only a subscription has a filter on the server. Ends when the signal aborts, and throws if the call fails. */
export async function* tail(client: EventStoreDBClient, options: TailOptions): AsyncGenerator<Batch, void> {
  const { signal, beginWithinMs, silentForMs } = options
  const search = new SubscribeCall(client, options)
  try {
    let last: Batch = { events: [], position: options.after, live: false }
    while (!signal.aborted) {
      const batch = search.batchAfter(last.position)
      if (batch.events.length > 0 || batch.position > last.position || batch.live !== last.live) {
        last = batch
        yield batch
        continue
      }
      if (search.arrivals.ended) throw new Error('the server ended the subscription')
      const timeoutMs = search.begun ? silentForMs : beginWithinMs
      await (timeoutMs === undefined
        ? search.arrivals.waitForMore()
        : withTimeout(timeoutMs, search.arrivals.waitForMore()))
      // Collects a burst into one batch.
      for (let before = -1; search.arrivals.buffered > before; await nextTurn()) before = search.arrivals.buffered
    }
  } finally {
    search.arrivals.cancel()
  }
}

class SubscribeCall {
  readonly arrivals: BufferedStreamReader<AllStreamResolvedEvent>
  begun = false
  #caughtUp = false
  #searched: LogPosition | undefined
  #damage: StoreCorrupted | undefined
  readonly #read: EventReader
  readonly #revisions: GapDetector | undefined

  constructor(
    client: EventStoreDBClient,
    { after, prefixes, read = toRecordedEvents, revisions, signal }: TailOptions,
  ) {
    this.#read = read
    this.#revisions = revisions
    const checkpoints = {
      maxSearchWindow: SEARCH_WINDOW,
      checkpointInterval: 1,
      checkpointReached: (_: unknown, position: LogPosition) => this.#note(() => (this.#searched = position)),
    }
    const filter = prefixes?.length
      ? streamNameFilter({ prefixes: [...prefixes], ...checkpoints })
      : streamNameFilter({ regex: prefixes ? NO_STREAM_AT_ALL : NO_SYSTEM_STREAM, ...checkpoints })
    const fromPosition = after === BEGINNING ? START : logPosition(after)
    const subscription = client.subscribeToAll({ fromPosition, filter }, { highWaterMark: BUFFERED_EVENTS })
    this.arrivals = new BufferedStreamReader(subscription, () => subscription.unsubscribe(), signal)
    subscription.on('confirmation', () => this.#note(() => (this.begun = true)))
    subscription.on('caughtUp', () => this.#note(() => (this.#caughtUp = true)))
    subscription.on('fellBehind', () => this.#note(() => (this.#caughtUp = false)))
  }

  #note(what: () => void): void {
    what()
    this.arrivals.wake()
  }

  /** @throws StoreCorrupted after returning all events before it */
  batchAfter(position: Position): Batch {
    if (this.#damage !== undefined) throw this.#damage
    const arrived = this.#read(this.arrivals.take())
    const later = { ...arrived, events: arrived.events.filter(event => event.position > position) }
    const { events, damage } = this.#revisions?.upToGap(later) ?? later
    this.#damage = damage
    if (damage !== undefined && events.length === 0) throw damage
    if (damage !== undefined) return { events, position: (events.at(-1) as RecordedEvent).position, live: false }
    const searched = this.#searched ? toSafeInteger(this.#searched.commit) : position
    return {
      events,
      position: Math.max(position, events.at(-1)?.position ?? position, searched),
      live: this.#caughtUp,
    }
  }
}
