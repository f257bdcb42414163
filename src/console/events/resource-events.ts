import { type EventFragment, EventsAfterDocument, EventsBeforeDocument } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { type QueryResult, useLoad } from '../api/use-query.ts'
import { segmentsOfResource } from '../lanes/status/load-segments.ts'
import { statusChangers } from '../lanes/status/status-changers.ts'
import { at } from '../routes/navigation.ts'
import { isPosition, momentOf } from '../routes/route.ts'
import { now } from '../time/clock.ts'
import { isPast, learnTimes, record, version } from '../time/log.ts'

import type { Subject } from './describe-event.ts'
import { isAbout, scopeOf } from './event-scope.ts'
import { mergeEvents } from './merge-events.ts'
import { afterMoment, type EventsAround } from './recent-events.ts'

const BEFORE = 40
const AFTER = 20

export interface ResourceEvents extends EventsAround {
  /** No event about the resource itself is after the moment shown. */
  readonly isLast: boolean
}

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
  return { events, later: later.length, current: earlier.at(-1), isLast: later.length === 0 }
}

const MOST_LOADS = 12
const MOST_OTHERS = 40

/** Events that changed the status of a resource, some of which are about others. */
const loadChangers = async (subject: Subject, stop: AbortSignal): Promise<readonly EventFragment[]> => {
  const { kind, namespace } = subject
  const span = record.peek()
  if (kind === 'Site' || span === undefined) return []
  const window = { from: span.first - 1, to: Math.max(now.peek(), span.last) + 1 }
  const positions = await statusChangers(segmentsOfResource({ ...subject, kind }, stop), window, MOST_LOADS)
  const pages = await Promise.all(
    positions
      .slice(-MOST_OTHERS)
      .map(position => request(EventsBeforeDocument, { namespace, to: { position }, last: 1 }, stop)),
  )
  const events = pages.flatMap(({ events: { edges } }) => edges.map(({ node }) => node))
  learnTimes(events)
  return events.filter(({ position }) => positions.includes(position))
}

const isUpToMoment = ({ position, time }: EventFragment): boolean => {
  const moment = at.value
  if (!isPast.value || moment === undefined) return true
  return isPosition(moment) ? position <= moment : Date.parse(time) <= Date.parse(moment)
}

export const useResourceEvents = (subject: Subject): QueryResult<ResourceEvents> => {
  const key = JSON.stringify(subject)
  const { data, error } = useLoad(`${key} ${at.value}`, version.value, stop => load(subject, stop)).value
  const { data: changers } = useLoad(key, version.value, stop => loadChangers(subject, stop)).value
  return { data: data && { ...data, ...mergeEvents(data, changers ?? [], isUpToMoment) }, error }
}
