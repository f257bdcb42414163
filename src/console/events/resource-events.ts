import { EventsAfterDocument, EventsBeforeDocument } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { type QueryResult, useLoad } from '../api/use-query.ts'
import { at } from '../routes/navigation.ts'
import { isPosition, momentOf } from '../routes/route.ts'
import { learnTimes, version } from '../time/log.ts'
import type { Subject } from './describe-event.ts'
import { isAbout, scopeOf } from './event-scope.ts'
import { changersOf, loadStatusChanges } from './load-status-changes.ts'
import { type KnownEvents, mergeEvents } from './merge-events.ts'
import { afterMoment, type EventsAround, type ListedEvent } from './recent-events.ts'
import type { StatusChanges } from './status-changes.ts'

const BEFORE = 40
const AFTER = 20

export interface ResourceEvents extends EventsAround {
  /** Whether no event about the resource itself is after the moment that the page shows. */
  readonly isLast: boolean
  readonly changes: StatusChanges | undefined
}

const loadOwn = async (subject: Subject, stop: AbortSignal): Promise<KnownEvents> => {
  const scope = scopeOf(subject)
  const to = momentOf(at.peek())
  const from = afterMoment()
  const [before, after] = await Promise.all([
    request(EventsBeforeDocument, { ...scope, ...(to && { to }), last: BEFORE }, stop),
    from && request(EventsAfterDocument, { ...scope, ...from, first: AFTER }, stop),
  ])
  const { edges, pageInfo } = before.events
  const later = after?.events.edges ?? []
  return {
    events: [...edges, ...later].map(({ node }) => node).filter(event => isAbout(event, subject)),
    from: pageInfo.hasPreviousPage ? edges[0]?.node.position : undefined,
    until: later.length === AFTER ? later.at(-1)?.node.position : undefined,
  }
}

const isUpTo =
  (moment: string | undefined) =>
  ({ position, time }: ListedEvent): boolean => {
    if (moment === undefined) return true
    return isPosition(moment) ? position <= moment : Date.parse(time) <= Date.parse(moment)
  }

const load = async (subject: Subject, stop: AbortSignal): Promise<ResourceEvents> => {
  const moment = at.peek()
  const { kind } = subject
  const [own, changes] = await Promise.all([
    loadOwn(subject, stop),
    kind === 'Site' ? undefined : loadStatusChanges({ ...subject, kind }, stop),
  ])
  const isUpToMoment = isUpTo(moment)
  const merged = mergeEvents(changes ? [own, changersOf(changes)] : [own], { most: BEFORE, later: AFTER, isUpToMoment })
  learnTimes(merged.events)
  return { ...merged, isLast: own.events.every(isUpToMoment), changes }
}

/** The events about a resource, those of others that changed its status, and all changes of its status. */
export const useResourceEvents = (subject: Subject): QueryResult<ResourceEvents> =>
  useLoad(`${JSON.stringify(subject)} ${at.value}`, version.value, stop => load(subject, stop)).value
