import { useEffect, useRef } from 'preact/hooks'
import type { EventFragment } from '../api/generated.ts'
import { Legend } from '../components/legend.tsx'
import { ActorNote } from '../events/actors.tsx'
import { subjectOf } from '../events/describe-event.ts'
import { EventList, LaterNote } from '../events/event-list.tsx'
import { useRecentEvents } from '../events/recent-events.ts'
import { selectsSubject } from './filter.ts'
import type { LaneStore } from './lane-store.ts'
import { selectLane } from './selection.ts'

const LATEST = 60

const open = (event: EventFragment): void => {
  const subject = subjectOf(event)
  if (subject !== undefined) selectLane(subject)
}

/** The events of the resources that the name, namespace and kind of the filter select. */
export const EventLog = ({ store }: { readonly store: LaneStore }) => {
  const filter = store.filter.value
  const { data } = useRecentEvents(LATEST, filter, event => selectsSubject(filter, subjectOf(event))).value
  const log = useRef<HTMLElement>(null)
  useEffect(() => {
    log.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [data?.current?.position])
  return (
    <section class="event-log" aria-label="Events" ref={log}>
      <div class="event-log-head">
        <h2>Events</h2>
        <span class="soft">a click shows what an event changed</span>
        {data && <LaterNote {...data} />}
        <Legend />
      </div>
      {data && <ActorNote actors={data.events.map(({ actor }) => actor)} />}
      {data?.events.length === 0 && <p class="soft">None of the latest events matches the filters.</p>}
      {data && <EventList {...data} hasSubjects onChoice={open} />}
    </section>
  )
}
