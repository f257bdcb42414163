import type { EventFragment } from '../api/generated.ts'
import { EventChange, EventSummary } from '../events/event-change.tsx'
import { EventList } from '../events/event-list.tsx'
import type { ResourceEvents } from '../events/resource-events.ts'
import { at } from '../routes/navigation.ts'
import { StepButtons } from '../timebar/step-buttons.tsx'

export const CurrentEvent = ({ namespace, event }: { readonly namespace: string; readonly event: EventFragment }) => (
  <section class="card" aria-live="polite">
    <div class="card-head">
      <h2>{at.value === undefined ? 'Latest event' : 'Event at this moment'}</h2>
      <StepButtons />
    </div>
    <EventSummary event={event} />
    <EventChange namespace={namespace} event={event} />
  </section>
)

export const EventsCard = ({ events, current }: ResourceEvents) => (
  <section class="card">
    <h2>Events</h2>
    <EventList events={events} current={current} />
  </section>
)
