import { EventList } from '../events/event-list.tsx'
import { useLatestEvents } from '../events/recent-events.ts'
import { hrefOf } from '../routes/navigation.ts'
import { isPast } from '../time/log.ts'

const LATEST = 12

/** The latest events up to the moment that the page shows. */
export const LatestEvents = () => {
  const { data } = useLatestEvents(LATEST).value
  return (
    <section class="card" aria-label="Latest events">
      <div class="card-head">
        <h2>{isPast.value ? 'Latest events at that time' : 'Latest events'}</h2>
        <a href={hrefOf('/')}>More on the timeline</a>
      </div>
      {data && <EventList {...data} hasSubjects />}
    </section>
  )
}
