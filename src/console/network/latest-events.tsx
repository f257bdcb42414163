import { EventList } from '../events/event-list.tsx'
import { useRecentEvents } from '../events/recent-events.ts'

const LATEST = 12

export const LatestEvents = () => {
  const { data } = useRecentEvents(LATEST).value
  return (
    <section class="card" aria-label="Latest events">
      <h2>Latest events</h2>
      {data && <EventList {...data} hasSubjects />}
    </section>
  )
}
