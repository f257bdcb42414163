import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../event-store/event-store.ts'

const FEW = 20

/** Finds an event that stands at or before a position; its time is in milliseconds since 1970. */
interface MomentIndex {
  momentBefore(position: Position): Promise<{ readonly time: number; readonly position: Position } | undefined>
}

/**
 * Reads the log from any position. EventStoreDB reads only from where an event stands and refuses every other number, so
 * that reading begins at an event that is known to stand at or before the position, and passes over what is between.
 */
export class LogReader {
  readonly #store: EventStore
  readonly #moments: MomentIndex

  constructor(store: EventStore, moments: MomentIndex) {
    this.#store = store
    this.#moments = moments
  }

  /**
   * Events after a position and up to another, of streams whose name begins with one of these.
   *
   * @param isEvent whether an event is known to stand at `after`: nothing need then be passed over
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

  /** When the last event at or before a position was recorded, in milliseconds since 1970; undefined where there is none. */
  async timeAt(position: Position): Promise<number | undefined> {
    const begin = await this.#moments.momentBefore(position)
    let time = begin?.time
    for await (const event of this.between(begin?.position ?? BEGINNING, position)) time = Date.parse(event.time)
    return time
  }

  /** The first event after a position; undefined where there is none. */
  async firstAfter(position: Position): Promise<RecordedEvent | undefined> {
    let from = (await this.#moments.momentBefore(position))?.position ?? BEGINNING
    while (true) {
      let last: RecordedEvent | undefined
      // It is near to where the reading begins: a store is not to fetch thousands for the sake of one.
      for await (const event of this.#store.readAll({ from, limit: FEW })) {
        if (event.position > position) return event
        last = event
      }
      if (last === undefined) return undefined
      from = last.position
    }
  }
}
