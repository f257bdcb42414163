import type { EventsAround } from './recent-events.ts'

/** Those of others as far back as its own are known. */
export const mergeEvents = (
  own: EventsAround,
  others: EventsAround['events'],
  isUpToMoment: (event: EventsAround['events'][number]) => boolean,
): EventsAround => {
  const first = own.events[0]?.position
  const known = new Set(own.events.map(({ position }) => position))
  const added = others.filter(({ position }) => first !== undefined && position > first && !known.has(position))
  if (added.length === 0) return own
  const events = [...own.events, ...added].sort((one, other) => (one.position < other.position ? -1 : 1))
  const earlier = events.filter(isUpToMoment)
  return { events, later: events.length - earlier.length, current: earlier.at(-1) }
}
