import { MOST_CELLS } from './status-start.ts'

/** Groups of events so close to each other that each millisecond is a cell of its own. */
export const closeEvents = <Event extends { readonly time: number }>(events: readonly Event[]): readonly Event[][] => {
  const groups: Event[][] = []
  for (const event of events.toSorted((one, other) => one.time - other.time)) {
    const group = groups.at(-1)
    if (group?.[0] !== undefined && event.time + 2 - group[0].time < MOST_CELLS) group.push(event)
    else groups.push([event])
  }
  return groups
}
