import { type EventFragment, EventsAfterDocument, EventsBeforeDocument } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { useLoad } from '../api/use-query.ts'
import { namespaceArguments } from '../api/viewer.ts'
import { at } from '../routes/navigation.ts'
import { isPosition, momentOf } from '../routes/route.ts'
import { learnTimes, version } from '../time/log.ts'

const AFTER = 30

type Edges = readonly { readonly node: EventFragment }[]

/** The argument that selects the events after the moment that the page shows; undefined in the present. */
export const afterMoment = ():
  | { readonly after: string }
  | { readonly from: { readonly time: string } }
  | undefined => {
  const moment = at.peek()
  if (moment === undefined) return undefined
  if (isPosition(moment)) return { after: moment }
  return { from: { time: new Date(Date.parse(moment) + 1).toISOString() } }
}

const byPosition = (one: EventFragment, other: EventFragment): number => (one.position < other.position ? -1 : 1)

/** Events, oldest first. */
export interface EventsAround {
  readonly events: readonly EventFragment[]
  /** How many of the events, at the end, are after the moment that the page shows. */
  readonly later: number
  /** The latest event up to the moment. */
  readonly current: EventFragment | undefined
}

export const useRecentEvents = (most: number) =>
  useLoad(`${at.value} ${most}`, version.value, async (stop): Promise<EventsAround> => {
    const to = momentOf(at.peek())
    const after = afterMoment()
    const load = async (scope: object): Promise<readonly [Edges, Edges]> => {
      const [earlier, later] = await Promise.all([
        request(EventsBeforeDocument, { ...scope, ...(to && { to }), last: most }, stop),
        after && request(EventsAfterDocument, { ...scope, ...after, first: AFTER }, stop),
      ])
      return [earlier.events.edges, later?.events.edges ?? []]
    }
    const pages = await Promise.all(namespaceArguments.peek().map(load))
    const merged = (index: 0 | 1) => pages.flatMap(page => page[index].map(({ node }) => node)).sort(byPosition)
    const earlier = merged(0).slice(-most)
    const later = merged(1).slice(0, AFTER)
    const events = [...earlier, ...later]
    learnTimes(events)
    return { events, later: later.length, current: to && earlier.at(-1) }
  })
