import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'

/** Few, because the garbage collector moves each event that outlives its commit. */
const KEPT = 128

export type Indexed = Pick<RecordedEvent, 'position' | 'stream' | 'revision'>

const NONE = -1

/**
 * Events for live subscribers, and the places of those that the stream index lacks. Positions have no gaps. Subscribers
 * read the events of a large commit in several turns, so the last two commits are kept whole.
 *
 * Places are kept as numbers, because thousands of small objects would cost the garbage collector more than the rest.
 */
export class TailCache {
  #events: RecordedEvent[] = []
  #streams: string[] = []
  #revisions: number[] = []
  /** For each place, the one before in the same stream. */
  #earlier: number[] = []
  readonly #latest = new Map<string, number>()
  #firstUnindexed: Position = 0
  #lastCommit = 0

  get firstUnindexed(): Position {
    return this.#firstUnindexed
  }

  get unindexedCount(): number {
    return this.#streams.length
  }

  add(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      this.#events.push(event)
      this.#note(event.position, event.stream, event.revision)
    }
    if (this.#events.length > 2 * KEPT)
      this.#events = this.#events.slice(-Math.max(KEPT, this.#lastCommit + events.length))
    this.#lastCommit = events.length
  }

  #note(position: Position, stream: string, revision: number): void {
    const place = this.#streams.length
    if (place === 0) this.#firstUnindexed = position
    this.#streams.push(stream)
    this.#revisions.push(revision)
    this.#earlier.push(this.#latest.get(stream) ?? NONE)
    this.#latest.set(stream, place)
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

  lastUnindexedRevision(stream: string): number | undefined {
    const place = this.#latest.get(stream)
    return place === undefined ? undefined : this.#revisions[place]
  }

  unindexedOf(stream: string): readonly Indexed[] {
    const found: Indexed[] = []
    let place = this.#latest.get(stream) ?? NONE
    while (place !== NONE) {
      found.push({ position: this.#firstUnindexed + place, stream, revision: this.#revisions[place] as number })
      place = this.#earlier[place] as number
    }
    return found.reverse()
  }

  markIndexed(to: Position): void {
    const first = this.#firstUnindexed
    const [streams, revisions] = [this.#streams, this.#revisions]
    this.#streams = []
    this.#revisions = []
    this.#earlier = []
    this.#latest.clear()
    for (let place = Math.max(0, to + 1 - first); place < streams.length; place++)
      this.#note(first + place, streams[place] as string, revisions[place] as number)
  }
}
