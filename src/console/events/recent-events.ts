import { type EventFragment, EventsAfterDocument, EventsBeforeDocument, type LaneStatus } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { useLoad } from '../api/use-query.ts'
import { namespaceArguments } from '../api/viewer.ts'
import { at } from '../routes/navigation.ts'
import { isPosition, momentOf } from '../routes/route.ts'
import { learnTimes, version } from '../time/log.ts'

const AFTER = 30

/** With the status of its resource that began with it, if that was loaded. */
export type ListedEvent = EventFragment & { readonly newStatus?: LaneStatus | null }

type Edges = readonly { readonly node: ListedEvent }[]

/** Undefined in the present. */
export const afterMoment = ():
  | { readonly after: string }
  | { readonly from: { readonly time: string } }
  | undefined => {
  const moment = at.peek()
  if (moment === undefined) return undefined
  if (isPosition(moment)) return { after: moment }
  return { from: { time: new Date(Date.parse(moment) + 1).toISOString() } }
}

const byPosition = (one: ListedEvent, other: ListedEvent): number => (one.position < other.position ? -1 : 1)

/** Events, oldest first. */
export interface EventsAround {
  readonly events: readonly ListedEvent[]
  /** Events at the end that are after the moment shown. */
  readonly later: number
  readonly current: ListedEvent | undefined
}

const AMONG = 500

interface EventFilter {
  readonly name: string
  readonly namespace: string
  readonly kinds: readonly string[]
}

const NO_FILTER: EventFilter = { name: '', namespace: '', kinds: [] }

interface Wanted {
  /** Of the events up to the moment. */
  readonly most: number
  /** Of those after it. */
  readonly later: number
  readonly filter: EventFilter
  readonly selects: (event: ListedEvent) => boolean
}

const loadEvents = async ({ most, later, filter, selects }: Wanted, stop: AbortSignal): Promise<EventsAround> => {
  const { name, namespace, kinds } = filter
  const isSelecting = name !== '' || kinds.length > 0
  const to = momentOf(at.peek())
  const after = later > 0 ? afterMoment() : undefined
  const [last, first] = isSelecting ? [AMONG, AMONG] : [most, later]
  const load = async (scope: object): Promise<readonly [Edges, Edges]> => {
    const [before, behind] = await Promise.all([
      request(EventsBeforeDocument, { ...scope, ...(to && { to }), last }, stop),
      after && request(EventsAfterDocument, { ...scope, ...after, first }, stop),
    ])
    return [before.events.edges, behind?.events.edges ?? []]
  }
  const pages = await Promise.all((namespace === '' ? namespaceArguments.peek() : [{ namespace }]).map(load))
  const merged = (index: 0 | 1) =>
    pages.flatMap(page => page[index].map(({ node }) => node).filter(selects)).sort(byPosition)
  const earlier = merged(0).slice(-most)
  const behind = merged(1).slice(0, later)
  const events = [...earlier, ...behind]
  learnTimes(events)
  return { events, later: behind.length, current: to && earlier.at(-1) }
}

export const useRecentEvents = (most: number, filter: EventFilter, selects: (event: ListedEvent) => boolean) => {
  const { name, namespace, kinds } = filter
  return useLoad(`${at.value} ${JSON.stringify([name, namespace, kinds])}`, version.value, stop =>
    loadEvents({ most, later: AFTER, filter, selects }, stop),
  )
}

export const useLatestEvents = (most: number) =>
  useLoad(`${at.value}`, version.value, stop =>
    loadEvents({ most, later: 0, filter: NO_FILTER, selects: () => true }, stop),
  )
