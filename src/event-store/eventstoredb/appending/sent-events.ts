import type { EventToAppend } from '../../event-store.ts'
import type { SerializedEvent } from '../../validate-append.ts'

const MOST_CHARACTERS = 8_000_000

type Parsed = Pick<EventToAppend, 'data' | 'metadata'>

/** Events of this process until they are read back, which then need not be parsed and checked again. */
export class SentEvents {
  readonly #events = new Map<string, SerializedEvent>()
  #characters = 0

  /** Keeps the latest of an id, and none with a time, whose metadata the server gets in another form. */
  add(events: readonly SerializedEvent[]): void {
    for (const sent of events) {
      this.remove(sent.event.id)
      if (sent.event.time !== undefined) continue
      this.#events.set(sent.event.id, sent)
      this.#characters += lengthOf(sent)
    }
    for (const [id] of this.#events) {
      if (this.#characters <= MOST_CHARACTERS) return
      this.remove(id)
    }
  }

  /** Returns the event's parsed parts, once, if what was read is what was sent. */
  take(id: string, data: string, metadata: string): Parsed | undefined {
    const sent = this.remove(id)
    if (sent?.data !== data || sent.metadata !== metadata) return undefined
    return { data: sent.event.data, metadata: sent.event.metadata }
  }

  remove(id: string): SerializedEvent | undefined {
    const sent = this.#events.get(id)
    if (sent === undefined) return undefined
    this.#events.delete(id)
    this.#characters -= lengthOf(sent)
    return sent
  }
}

const lengthOf = ({ data, metadata }: SerializedEvent): number => data.length + metadata.length
