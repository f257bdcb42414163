import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../event-store/event-store.ts'

const FEW = 20

/** Finds an event that stands at or before a position; its time is in milliseconds since 1970. */
interface MomentIndex {
  momentBefore(position: Position): Promise<{ readonly time: number; readonly position: Position } | undefined>
}

/**
 * Reads the log from any position. EventStoreDB accepts only the positions of events, so a read begins at a known event at or
 * before the position, and skips what is between.
 */
export class LogReader {
  readonly #store: EventStore
  readonly #moments: MomentIndex

  constructor(store: EventStore, moments: MomentIndex) {
    this.#store = store
    this.#moments = moments
  }

  /**
   * Yields events after a position, up to and including another.
   *
   * @param isEvent whether `after` is known to be the position of an event, so that nothing is skipped
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

  /** Returns the time of the last event at or before a position, in milliseconds since 1970; undefined if there is none. */
  async timeAt(position: Position): Promise<number | undefined> {
    const begin = await this.#moments.momentBefore(position)
    let time = begin?.time
    for await (const event of this.between(begin?.position ?? BEGINNING, position)) time = Date.parse(event.time)
    return time
  }

  /** Returns the first event after a position; undefined if there is none. */
  async firstAfter(position: Position): Promise<RecordedEvent | undefined> {
    let from = (await this.#moments.momentBefore(position))?.position ?? BEGINNING
    while (true) {
      let last: RecordedEvent | undefined
      // It is near the beginning of the read: the store need not fetch a whole page.
      for await (const event of this.#store.readAll({ from, limit: FEW })) {
        if (event.position > position) return event
        last = event
      }
      if (last === undefined) return undefined
      from = last.position
    }
  }
}
