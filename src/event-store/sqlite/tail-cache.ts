import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'

const KEPT = 1024

/** Events for live subscribers, and those that the stream index lacks. Positions have no gaps. */
export class TailCache {
  #events: RecordedEvent[] = []
  readonly #unindexed = new Map<string, RecordedEvent[]>()
  #unindexedCount = 0

  get unindexedCount(): number {
    return this.#unindexedCount
  }

  add(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      this.#events.push(event)
      const ofStream = this.#unindexed.get(event.stream)
      if (ofStream === undefined) this.#unindexed.set(event.stream, [event])
      else ofStream.push(event)
    }
    this.#unindexedCount += events.length
    if (this.#events.length > 2 * KEPT) this.#events = this.#events.slice(-KEPT)
  }

  after(position: Position, limit: number): readonly RecordedEvent[] | undefined {
    const first = this.#events[0]
    if (first === undefined || first.position > position + 1) return undefined
    const from = position + 1 - first.position
    return this.#events.slice(from, from + limit)
  }

  unindexedOf(stream: string): readonly RecordedEvent[] {
    return this.#unindexed.get(stream) ?? []
  }

  /** Sorted by stream, as neighbours in the index share pages. */
  unindexed(): RecordedEvent[] {
    return [...this.#unindexed.keys()].sort().flatMap(stream => this.#unindexed.get(stream) ?? [])
  }

  markIndexed(): void {
    this.#unindexed.clear()
    this.#unindexedCount = 0
  }
}
