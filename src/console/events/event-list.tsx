import { useMemo } from 'preact/hooks'
import type { EventFragment } from '../api/generated.ts'
import { kindWords } from '../components/kind-words.ts'
import { focusedSlot, RowSlots } from '../components/row-slots.ts'
import { StatusBadge } from '../components/status.tsx'
import { formatClock, formatDate } from '../time/format-time.ts'
import { showEvent, zone } from '../time/log.ts'
import { actorTitle } from './actors.tsx'
import { describeEvent, isCommand, messageOf, type Subject as SubjectOf, subjectOf } from './describe-event.ts'
import type { EventsAround, ListedEvent } from './recent-events.ts'
import { type NewStatus, ownStatusesOf } from './status-changes.ts'

interface Properties extends Omit<EventsAround, 'later'>, Partial<Pick<EventsAround, 'later'>> {
  readonly hasSubjects?: boolean
  readonly onChoice?: (event: EventFragment) => void
  /** The status that began with an event; by default that of its resource. */
  readonly newStatusOf?: ((event: ListedEvent) => NewStatus | undefined) | undefined
}

const Subject = ({ kind, name }: SubjectOf) => (
  <>
    <strong>{name} </strong>
    <span class="soft">{kindWords(kind)} </span>
  </>
)

const Badge = ({ kind, status, isReadyAgain }: NewStatus) => (
  <span class="event-status">
    <StatusBadge status={status} kind={kind} />
    {isReadyAgain && ' again'}
  </span>
)

interface EntryProperties {
  readonly event: EventFragment
  readonly slot: number | undefined
  readonly isCurrent: boolean
  readonly isLater: boolean
  readonly hasSubject: boolean
  readonly onChoice: ((event: EventFragment) => void) | undefined
  readonly newStatus: NewStatus | undefined
}

const Entry = ({ event, slot, isCurrent, isLater, hasSubject, onChoice, newStatus }: EntryProperties) => {
  const time = Date.parse(event.time)
  const message = messageOf(event)
  const subject = hasSubject ? subjectOf(event) : undefined
  return (
    <li data-slot={slot} data-command={isCommand(event) || undefined} data-later={isLater || undefined}>
      <button
        type="button"
        class="event-entry"
        aria-current={isCurrent ? 'true' : undefined}
        onClick={() => {
          showEvent(event.position, time)
          onChoice?.(event)
        }}
      >
        <time dateTime={event.time} title={`${formatDate(time, zone.value)}, position ${Number(event.position)}`}>
          {formatClock(time, zone.value)}
        </time>
        <span>
          {subject && <Subject {...subject} />}
          {describeEvent(event)}
          {newStatus && <Badge {...newStatus} />}
          {message && <span class="event-message">{message}</span>}
        </span>
        {subject && <span class="event-place">{subject.namespace}</span>}
        <span class={isCommand(event) ? 'actor' : 'soft'} title={actorTitle(event.actor)}>
          {event.actor}
        </span>
      </button>
    </li>
  )
}

const dateOf = ({ time }: EventFragment): string => formatDate(Date.parse(time), zone.value)

/** Explains the line in a list; nothing without one. */
export const LaterNote = ({ later }: Pick<EventsAround, 'later'>) =>
  later === 0 ? null : <span class="later-note">above the line: after the moment shown</span>

export const EventList = ({
  events,
  later = 0,
  current,
  hasSubjects = false,
  onChoice,
  newStatusOf = ownStatusesOf(events),
}: Properties) => {
  const areLater = new Set(later === 0 ? [] : events.slice(-later))
  const slots = useMemo(() => new RowSlots(), [])
  const latestFirst = events.toReversed()
  const slotOf = slots.assign(
    latestFirst.map(({ position }) => position),
    focusedSlot(),
  )
  return (
    <ol class="event-list" data-wide={hasSubjects || undefined}>
      {[...Map.groupBy(latestFirst, dateOf)].map(([date, entries], place) => (
        <li key={place}>
          <time class="event-date" dateTime={date}>
            {date}
          </time>
          <ol>
            {entries.map(event => (
              <Entry
                key={slotOf.get(event.position)}
                slot={slotOf.get(event.position)}
                event={event}
                isLater={areLater.has(event)}
                isCurrent={event.position === current?.position}
                hasSubject={hasSubjects}
                onChoice={onChoice}
                newStatus={newStatusOf(event)}
              />
            ))}
          </ol>
        </li>
      ))}
    </ol>
  )
}
