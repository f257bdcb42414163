import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../event-store/event-store.ts'

const FEW = 20

/** Finds an event at or before a position; `time` is in milliseconds since 1970. */
interface MomentIndex {
  momentBefore(position: Position): Promise<{ readonly time: number; readonly position: Position } | undefined>
}

/**
 * Reads the log from any position. EventStoreDB accepts only positions of events, so a read begins at an earlier known
 * event and skips the events between.
 */
export class LogReader {
  readonly #store: EventStore
  readonly #moments: MomentIndex

  constructor(store: EventStore, moments: MomentIndex) {
    this.#store = store
    this.#moments = moments
  }

  /**
   * Yields events in (after, to].
   *
   * @param isEvent `after` is known to be an event's position, so nothing is skipped
   */
  async *between(
    after: Position,
    to: Position,
    prefixes?: readonly string[],
    isEvent = false,
  ): AsyncGenerator<RecordedEvent> {
    const from = isEvent ? after : ((await this.#moments.momentBefore(after))?.position ?? BEGINNING)
    for await (const event of this.#store.readAll({ from, ...(prefixes && { prefixes }) })) {
      if (event.position > to) return
      if (event.position > after) yield event
    }
  }

  /** Returns the time of the last event at or before a position, in milliseconds since 1970. */
  async timeAt(position: Position): Promise<number | undefined> {
    const begin = await this.#moments.momentBefore(position)
    let time = begin?.time
    for await (const event of this.between(begin?.position ?? BEGINNING, position)) time = Date.parse(event.time)
    return time
  }

  async firstAfter(position: Position): Promise<RecordedEvent | undefined> {
    let from = (await this.#moments.momentBefore(position))?.position ?? BEGINNING
    while (true) {
      let last: RecordedEvent | undefined
      // The event is near, so the store need not fetch a whole page.
      for await (const event of this.#store.readAll({ from, limit: FEW })) {
        if (event.position > position) return event
        last = event
      }
      if (last === undefined) return undefined
      from = last.position
    }
  }
}
