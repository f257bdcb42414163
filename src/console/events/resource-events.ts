import { type EventFragment, EventsAfterDocument, EventsBeforeDocument } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { useLoad } from '../api/use-query.ts'
import { at } from '../routes/navigation.ts'
import { momentOf } from '../routes/route.ts'
import { learnTimes, version } from '../time/log.ts'
import type { Subject } from './describe-event.ts'
import { isAbout, scopeOf } from './event-scope.ts'
import { afterMoment, type EventsAround } from './recent-events.ts'

const BEFORE = 40
const AFTER = 20

export type ResourceEvents = EventsAround

const load = async (subject: Subject, stop: AbortSignal): Promise<ResourceEvents> => {
  const scope = scopeOf(subject)
  const to = momentOf(at.peek())
  const from = afterMoment()
  const [before, after] = await Promise.all([
    request(EventsBeforeDocument, { ...scope, ...(to && { to }), last: BEFORE }, stop),
    from && request(EventsAfterDocument, { ...scope, ...from, first: AFTER }, stop),
  ])
  const ofSubject = (edges: readonly { readonly node: EventFragment }[]): readonly EventFragment[] =>
    edges.map(({ node }) => node).filter(event => isAbout(event, subject))
  const earlier = ofSubject(before.events.edges)
  const later = ofSubject(after?.events.edges ?? [])
  const events = [...earlier, ...later]
  learnTimes(events)
  return { events, later: later.length, current: earlier.at(-1) }
}

export const useResourceEvents = (subject: Subject) =>
  useLoad(`${JSON.stringify(subject)} ${at.value}`, version.value, stop => load(subject, stop))
