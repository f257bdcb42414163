import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { StoreCorrupted } from '../event-store.ts'
import { isHarkStream } from './hark-streams.ts'

/** Events up to the first that is not as it must be, and what is wrong with that one. */
export interface ReadResult {
  readonly events: readonly RecordedEvent[]
  readonly damage?: StoreCorrupted | undefined
}

/** From one revision to the next that is read. */
export type Step = 1 | -1

/**
 * The revisions of each of Hark's streams as one reading comes by them. The server removes events where a stream's metadata
 * tells it to, and reads on as if they had never been: Hark tells no stream's metadata so.
 */
export class GapDetector {
  readonly #step: Step
  readonly #first: number | undefined
  readonly #next = new Map<string, number>()

  /** @param first what a stream begins with; undefined where that may be any of its events */
  constructor(step: Step, first?: number) {
    this.#step = step
    this.#first = first
  }

  /** Where the reading goes on in a stream; undefined where it has not come by any event of it. */
  nextOf(stream: string): number | undefined {
    return this.#next.get(stream)
  }

  /** The same, ending before an event that does not follow the one before it in its stream. */
  upToGap({ events, damage }: ReadResult): ReadResult {
    for (const [index, event] of events.entries()) {
      if (!isHarkStream(event.stream)) continue
      const expected = this.#next.get(event.stream) ?? this.#first
      if (expected !== undefined && event.revision !== expected)
        return { events: events.slice(0, index), damage: gapAt(event, expected, this.#step) }
      this.#next.set(event.stream, event.revision + this.#step)
    }
    return { events, damage }
  }
}

/** Of an event that stands where another was expected. */
const gapAt = ({ position, stream, revision }: RecordedEvent, expected: number, step: Step): StoreCorrupted =>
  new StoreCorrupted({ position, stream, revision }, gapFault(revision, expected, step))

const gapFault = (revision: number, expected: number, step: Step): string => {
  if ((revision - expected) * step < 0) return `revision ${expected} should be there`
  const [from, to] = step === 1 ? [expected, revision - 1] : [revision + 1, expected]
  const side = step === 1 ? 'before' : 'after'
  return from === to ? `revision ${from} is missing ${side} it` : `revisions ${from} to ${to} are missing ${side} it`
}
