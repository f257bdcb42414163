import { unavailable } from '../../../schemas/errors.ts'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { toQueryError } from '../read-models/errors.ts'

const FEW = 20

interface MomentIndex {
  momentBefore(position: Position): Promise<{ readonly time: number; readonly position: Position } | undefined>
  momentAfter(position: Position): Promise<{ readonly position: Position } | undefined>
}

/** EventStoreDB reads only from positions of events. */
export class LogReader {
  readonly #store: EventStore
  readonly #moments: MomentIndex

  constructor(store: EventStore, moments: MomentIndex) {
    this.#store = store
    this.#moments = moments
  }

  /** @param isEvent `after` is known to be an event's position */
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

  async *betweenBackward(after: Position, to: Position, prefixes: readonly string[]): AsyncGenerator<RecordedEvent> {
    const from = Number.isFinite(to) ? (await this.#moments.momentAfter(to + 1))?.position : undefined
    const options = { direction: 'backward', prefixes, ...(from !== undefined && { from }) } as const
    for await (const event of this.#store.readAll(options)) {
      if (event.position <= after) return
      if (event.position <= to) yield event
    }
  }

  async timeAt(position: Position): Promise<number | undefined> {
    const begin = await this.#moments.momentBefore(position)
    let time = begin?.time
    for await (const event of this.between(begin?.position ?? BEGINNING, position)) time = Date.parse(event.time)
    return time
  }

  /** @throws HarkError UNAVAILABLE if the store lacks it, or does not respond */
  async eventAt(position: Position): Promise<RecordedEvent> {
    try {
      const event = await this.firstAfter(position - 1)
      if (event?.position !== position) throw unavailable('the event store lacks an event that the read models show')
      return event
    } catch (error) {
      throw toQueryError(error)
    }
  }

  async firstAfter(position: Position): Promise<RecordedEvent | undefined> {
    let from = (await this.#moments.momentBefore(position))?.position ?? BEGINNING
    while (true) {
      let last: RecordedEvent | undefined
      for await (const event of this.#store.readAll({ from, limit: FEW })) {
        if (event.position > position) return event
        last = event
      }
      if (last === undefined) return undefined
      from = last.position
    }
  }
}
