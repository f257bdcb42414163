import type { EventFragment } from '../api/generated.ts'
import { Legend } from '../components/legend.tsx'
import { ActorNote } from '../events/actors.tsx'
import { subjectOf } from '../events/describe-event.ts'
import { EventList, LaterNote } from '../events/event-list.tsx'
import { useRecentEvents } from '../events/recent-events.ts'
import { selectLane } from './selection.ts'

const LATEST = 60

const open = (event: EventFragment): void => {
  const subject = subjectOf(event)
  if (subject !== undefined && subject.kind !== 'Site') selectLane({ ...subject, kind: subject.kind })
}

export const EventLog = () => {
  const { data } = useRecentEvents(LATEST).value
  return (
    <section class="event-log" aria-label="Events">
      <div class="event-log-head">
        <h2>Events</h2>
        <span class="soft">a click shows what an event changed</span>
        {data && <LaterNote {...data} />}
        <Legend />
      </div>
      {data && <ActorNote actors={data.events.map(({ actor }) => actor)} />}
      {data && <EventList {...data} hasSubjects onChoice={open} />}
    </section>
  )
}
