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

/** Of which some are selected. */
const AMONG = 500

interface EventFilter {
  readonly name: string
  readonly namespace: string
  readonly kinds: readonly string[]
}

/**
 * The latest events up to the moment that the page shows, and some after it.
 *
 * @param most of those up to the moment
 * @param selects whether an event is among those of the filter
 */
export const useRecentEvents = (
  most: number,
  filter: EventFilter = { name: '', namespace: '', kinds: [] },
  selects: (event: EventFragment) => boolean = () => true,
) => {
  const { name, namespace, kinds } = filter
  const isSelecting = name !== '' || kinds.length > 0
  const key = `${at.value} ${most} ${JSON.stringify([name, namespace, kinds])}`
  return useLoad(key, version.value, async (stop): Promise<EventsAround> => {
    const to = momentOf(at.peek())
    const after = afterMoment()
    const [last, first] = isSelecting ? [AMONG, AMONG] : [most, AFTER]
    const load = async (scope: object): Promise<readonly [Edges, Edges]> => {
      const [earlier, later] = await Promise.all([
        request(EventsBeforeDocument, { ...scope, ...(to && { to }), last }, stop),
        after && request(EventsAfterDocument, { ...scope, ...after, first }, stop),
      ])
      return [earlier.events.edges, later?.events.edges ?? []]
    }
    const pages = await Promise.all((namespace === '' ? namespaceArguments.peek() : [{ namespace }]).map(load))
    const merged = (index: 0 | 1) =>
      pages.flatMap(page => page[index].map(({ node }) => node).filter(selects)).sort(byPosition)
    const earlier = merged(0).slice(-most)
    const later = merged(1).slice(0, AFTER)
    const events = [...earlier, ...later]
    learnTimes(events)
    return { events, later: later.length, current: to && earlier.at(-1) }
  })
}
