import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'

const KEPT = 1024

export type Indexed = Pick<RecordedEvent, 'position' | 'stream' | 'revision'>

/**
 * Events for live subscribers, and the places of those that the stream index lacks. Positions have no gaps. Subscribers
 * read the events of a large commit in several turns, so the last two commits are kept whole.
 */
export class TailCache {
  #events: RecordedEvent[] = []
  readonly #unindexed = new Map<string, Indexed[]>()
  #unindexedCount = 0

  get unindexedCount(): number {
    return this.#unindexedCount
  }

  add(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      this.#events.push(event)
      const { position, stream, revision } = event
      const ofStream = this.#unindexed.get(stream)
      if (ofStream === undefined) this.#unindexed.set(stream, [{ position, stream, revision }])
      else ofStream.push({ position, stream, revision })
    }
    this.#unindexedCount += events.length
    if (this.#events.length > 2 * KEPT) this.#events = this.#events.slice(-Math.max(KEPT, 2 * events.length))
  }

  after(position: Position, limit: number): readonly RecordedEvent[] | undefined {
    const first = this.#events[0]
    if (first === undefined || first.position > position + 1) return undefined
    const from = position + 1 - first.position
    return this.#events.slice(from, from + limit)
  }

  at(position: Position): RecordedEvent | undefined {
    const first = this.#events[0]
    return first === undefined || position < first.position ? undefined : this.#events[position - first.position]
  }

  unindexedOf(stream: string): readonly Indexed[] {
    return this.#unindexed.get(stream) ?? []
  }

  /** Sorted by stream, as neighbours in the index share pages. */
  unindexed(): Indexed[] {
    return [...this.#unindexed.keys()].sort().flatMap(stream => this.#unindexed.get(stream) ?? [])
  }

  markIndexed(): void {
    this.#unindexed.clear()
    this.#unindexedCount = 0
  }
}
