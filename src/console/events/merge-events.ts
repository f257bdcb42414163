import type { EventsAround, ListedEvent } from './recent-events.ts'

/** Events of one kind, oldest first. */
export interface KnownEvents {
  readonly events: readonly ListedEvent[]
  /** Positions between which none is missing; undefined where there is none beyond. */
  readonly from: string | undefined
  readonly until: string | undefined
}

interface Wanted {
  /** Of the events up to the moment. */
  readonly most: number
  /** Of those after it. */
  readonly later: number
  readonly isUpToMoment: (event: ListedEvent) => boolean
}

/** The events of all kinds, as far as none is missing. */
export const mergeEvents = (kinds: readonly KnownEvents[], { most, later, isUpToMoment }: Wanted): EventsAround => {
  const isKnown = ({ position }: ListedEvent): boolean =>
    kinds.every(({ from = position, until = position }) => position >= from && position <= until)
  const all = new Map(kinds.flatMap(({ events }) => events).map(event => [event.position, event]))
  const known = [...all.values()].filter(isKnown).sort((one, other) => (one.position < other.position ? -1 : 1))
  const earlier = known.filter(isUpToMoment).slice(-most)
  const behind = known.filter(event => !isUpToMoment(event)).slice(0, later)
  return { events: [...earlier, ...behind], later: behind.length, current: earlier.at(-1) }
}
