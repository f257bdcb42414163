import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { StoreCorrupted } from '../event-store.ts'
import { isHarkStream } from './hark-streams.ts'

export interface ReadResult {
  readonly events: readonly RecordedEvent[]
  readonly damage?: StoreCorrupted | undefined
}

export type Step = 1 | -1

/** Checks that revisions are contiguous, as the server omits events that a stream's metadata hides. */
export class GapDetector {
  readonly #step: Step
  readonly #first: number | undefined
  readonly #next = new Map<string, number>()

  constructor(step: Step, first?: number) {
    this.#step = step
    this.#first = first
  }

  nextOf(stream: string): number | undefined {
    return this.#next.get(stream)
  }

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

const gapAt = ({ position, stream, revision }: RecordedEvent, expected: number, step: Step): StoreCorrupted =>
  new StoreCorrupted({ position, stream, revision }, gapFault(revision, expected, step))

const gapFault = (revision: number, expected: number, step: Step): string => {
  if ((revision - expected) * step < 0) return `revision ${expected} should be there`
  const [from, to] = step === 1 ? [expected, revision - 1] : [revision + 1, expected]
  const side = step === 1 ? 'before' : 'after'
  return from === to ? `revision ${from} is missing ${side} it` : `revisions ${from} to ${to} are missing ${side} it`
}
