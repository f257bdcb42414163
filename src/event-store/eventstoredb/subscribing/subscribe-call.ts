import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Position, RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import type { Batch, StoreCorrupted } from '../../event-store.ts'
import type { GapDetector } from '../gap-detector.ts'
import { type EventReader, toRecordedEvents, toSafeInteger } from '../to-recorded-event.ts'
import { withTimeout } from '../with-timeout.ts'
import { MessageBuffer } from './message-buffer.ts'
import { openCall } from './open-call.ts'
import { type OpenRead, type ReadCall, subscribeRequest } from './read-request.ts'
import type { ServerEvent, SubscriptionMessage } from './subscription-message.ts'

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
  /** Whether the events before were read to the end of the log just now. */
  readonly isLive?: boolean
}

/** Only a subscription has a filter on the server. Ends when the signal aborts, and throws if the call fails. */
export async function* tail(openRead: OpenRead, options: TailOptions): AsyncGenerator<Batch, void> {
  const { after, prefixes, signal, beginWithinMs, silentForMs, isLive = false } = options
  const call = await openCall(openRead, subscribeRequest(after, prefixes), signal, beginWithinMs)
  const search = new SubscribeCall(call, options)
  try {
    let last: Batch = { events: [], position: after, live: isLive }
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
  readonly arrivals: MessageBuffer<SubscriptionMessage>
  begun = false
  #caughtUp: boolean
  #searched: Position = 0
  #damage: StoreCorrupted | undefined
  readonly #read: EventReader
  readonly #revisions: GapDetector | undefined

  constructor(call: ReadCall, { read = toRecordedEvents, revisions, signal, isLive = false }: TailOptions) {
    this.#read = read
    this.#revisions = revisions
    this.#caughtUp = isLive
    this.arrivals = new MessageBuffer(call, signal)
  }

  /** @throws StoreCorrupted after returning all events before it */
  batchAfter(position: Position): Batch {
    if (this.#damage !== undefined) throw this.#damage
    const arrived = this.#read(this.#takeEvents())
    const later = { ...arrived, events: arrived.events.filter(event => event.position > position) }
    const { events, damage } = this.#revisions?.upToGap(later) ?? later
    this.#damage = damage
    if (damage !== undefined && events.length === 0) throw damage
    if (damage !== undefined) return { events, position: (events.at(-1) as RecordedEvent).position, live: false }
    return {
      events,
      position: Math.max(position, events.at(-1)?.position ?? position, this.#searched),
      live: this.#caughtUp,
    }
  }

  #takeEvents(): { readonly event?: ServerEvent }[] {
    const events: { readonly event?: ServerEvent }[] = []
    for (const message of this.arrivals.take()) {
      if (message.kind === 'event') events.push(message)
      else this.#note(message)
    }
    return events
  }

  #note(message: Exclude<SubscriptionMessage, { kind: 'event' }>): void {
    if (message.kind === 'confirmation') this.begun = true
    else if (message.kind === 'checkpoint') this.#searched = toSafeInteger(message.position)
    else if (message.kind === 'caughtUp') this.#caughtUp = true
    else if (message.kind === 'fellBehind') this.#caughtUp = false
  }
}
