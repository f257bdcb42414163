import type { EventFragment } from '../api/generated.ts'
import type { Subject } from '../events/describe-event.ts'
import { EventChange, EventSummary } from '../events/event-change.tsx'
import { EventList, LaterNote } from '../events/event-list.tsx'
import { EventNumber } from '../events/event-number.tsx'
import type { ResourceEvents } from '../events/resource-events.ts'
import { newStatusesOf } from '../events/status-changes.ts'
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

interface EventsProperties {
  readonly title?: string
  readonly events: ResourceEvents
}

export const EventsCard = ({ title = 'Events', events }: EventsProperties) => {
  const { changes } = events
  return (
    <section class="card">
      <div class="event-log-head">
        <h2>{title}</h2>
        <LaterNote {...events} />
      </div>
      <EventList {...events} newStatusOf={changes && newStatusesOf(changes)} />
    </section>
  )
}
