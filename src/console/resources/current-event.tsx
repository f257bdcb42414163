import type { EventFragment } from '../api/generated.ts'
import type { Subject } from '../events/describe-event.ts'
import { EventChange, EventSummary } from '../events/event-change.tsx'
import { EventList, LaterNote } from '../events/event-list.tsx'
import { EventNumber } from '../events/event-number.tsx'
import type { ResourceEvents } from '../events/resource-events.ts'
import { laneInFocus } from '../lanes/status/current-span.tsx'
import { useStatusChanges } from '../lanes/status/use-status-changes.ts'
import { isPast } from '../time/log.ts'
import { StepButtons } from '../timebar/step-buttons.tsx'

interface Properties {
  readonly subject: Subject
  readonly event: EventFragment
  /** Whether no event of the resource is later. */
  readonly isLast: boolean
}

export const CurrentEvent = ({ subject, event, isLast }: Properties) => (
  <section class="card" aria-live="polite">
    <div class="card-head">
      <h2>{isPast.value ? 'Latest event at that time' : 'Latest event'}</h2>
      <div class="stepping">
        <EventNumber subject={subject} event={event} />
        <StepButtons isLast={isLast} />
      </div>
    </div>
    <EventSummary event={event} />
    <EventChange subject={subject} event={event} />
  </section>
)

export const EventsCard = ({ subject, events }: { readonly subject: Subject; readonly events: ResourceEvents }) => {
  const lane = laneInFocus.value
  const changeAt = useStatusChanges(events.events, key => (lane?.key === key ? lane : undefined), subject)
  return (
    <section class="card">
      <div class="event-log-head">
        <h2>Events</h2>
        <LaterNote {...events} />
      </div>
      <EventList {...events} changeAt={changeAt} />
    </section>
  )
}
