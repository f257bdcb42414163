import { EventList } from '../events/event-list.tsx'
import { useRecentEvents } from '../events/recent-events.ts'

const LATEST = 12

export const LatestChanges = () => {
  const { data } = useRecentEvents(LATEST).value
  return (
    <section class="card" aria-label="Latest changes">
      <h2>Latest changes</h2>
      {data && <EventList {...data} hasSubjects />}
    </section>
  )
}
