import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { LaneStatus, Moment } from '../api/generated.ts'
import type { Operation } from '../api/operation.ts'
import { useQuery } from '../api/use-query.ts'
import { AsOf } from '../components/as-of.tsx'
import { kindWords } from '../components/kind-words.ts'
import { StatusBadge } from '../components/status.tsx'
import { CurrentSpan } from '../events/current-span.tsx'
import { type ResourceEvents, useResourceEvents } from '../events/resource-events.ts'
import { ResourceTimeline } from '../lanes/resource-timeline.tsx'
import { at } from '../routes/navigation.ts'
import { momentOf, type PageKind } from '../routes/route.ts'
import { version } from '../time/log.ts'
import { stepThrough } from '../timebar/keyboard.ts'
import { CurrentEvent, EventsCard } from './current-event.tsx'

export interface ResourceName {
  readonly namespace: string
  readonly name: string
}

interface Variables extends ResourceName {
  readonly at?: Moment | null | undefined
}

interface Resource {
  readonly status: { readonly laneStatus: LaneStatus; readonly message: string }
}

interface Properties<Data, Shown extends Resource> extends ResourceName {
  readonly kind: PageKind
  readonly operation: Operation<Data, Variables>
  readonly resourceOf: (data: Data) => Shown | null
  /** Beside the events. */
  readonly details: (resource: Shown, events: ResourceEvents | undefined) => ComponentChildren
  /** Above the events. */
  readonly children?: ComponentChildren
}

/** The page of one resource: its status over time, its events, and its details at the moment of the time bar. */
export const ResourceDetail = <Data, Shown extends Resource>({
  kind,
  namespace,
  name,
  operation,
  resourceOf,
  details,
  children,
}: Properties<Data, Shown>) => {
  const moment = momentOf(at.value)
  const { data, error } = useQuery(operation, { namespace, name, ...(moment && { at: moment }) }, version.value).value
  const events = useResourceEvents({ kind, namespace, name })
  useEffect(() => stepThrough({ namespace, name }), [namespace, name])
  const resource = data === undefined ? undefined : resourceOf(data)
  const failure = error ?? events.error
  return (
    <main class="page" id="main">
      <div class="page-head">
        <h1>{name}</h1>
        <span class="soft">
          {kindWords(kind)} in {namespace}
        </span>
        {data !== undefined && <StatusBadge status={resource?.status.laneStatus} />}
        <AsOf />
        {resource && <CurrentSpan status={resource.status.laneStatus} changes={events.data?.changes} />}
        {resource && resource.status.laneStatus !== 'Ready' && <span>{resource.status.message}</span>}
      </div>
      {failure && (
        <p class="notice" role="alert">
          {failure.message}
        </p>
      )}
      <ResourceTimeline kind={kind} namespace={namespace} name={name} />
      <div class="columns">
        <div>
          {children}
          {events.data?.current && (
            <CurrentEvent subject={{ kind, namespace, name }} event={events.data.current} isLast={events.data.isLast} />
          )}
          {events.data && <EventsCard events={events.data} />}
        </div>
        <div>
          {resource && details(resource, events.data)}
          {resource === null && <p class="empty">The {kindWords(kind)} does not exist at this moment.</p>}
        </div>
      </div>
    </main>
  )
}
