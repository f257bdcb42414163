import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { BisectDocument, type BisectQuery, ChangesAfterDocument, type EventFragment } from '../api/generated.ts'
import { ApiError, request } from '../api/request.ts'
import { useQuery } from '../api/use-query.ts'
import { TimeText } from '../components/time-text.tsx'
import { demandsCause } from '../events/cause-link.ts'
import { describeEvent, explainMessage, messageOf } from '../events/describe-event.ts'
import { tablesOf } from '../events/difference-tables.ts'
import { Differences } from '../events/differences.tsx'
import { EventActor, EventSummary } from '../events/event-change.tsx'
import { EventList } from '../events/event-list.tsx'
import { at } from '../routes/navigation.ts'
import { momentOf } from '../routes/route.ts'
import { formatDuration } from '../time/format-time.ts'
import { head, isPast, showEvent, shownWindow } from '../time/log.ts'
import { outageOf } from './outage.ts'
import type { ResourceName } from './resource-detail.tsx'

type Bisection = BisectQuery['bisect']

interface Answer {
  readonly bisection?: Bisection
  readonly error?: ApiError
  readonly isRunning?: boolean
}

const iso = (time: number): string => new Date(Math.round(time)).toISOString()

const MOST_SHOWN = 4
/** A longer outage is shown without its end. */
const MOST_LOADED = 100

/** Of the listener that broke. */
interface Broken extends ResourceName {
  readonly kind: 'Listener' | 'MultiKeyListener'
}

interface AftermathProperties extends Broken {
  readonly cause: EventFragment
}

/** What happened until the listener was Ready again. */
const Aftermath = ({ kind, namespace, name, cause }: AftermathProperties) => {
  const subject = kind === 'Listener' ? { listener: name } : { multiKeyListener: name }
  const variables = { namespace, ...subject, after: cause.position, first: MOST_LOADED }
  const { data } = useQuery(ChangesAfterDocument, variables, head.value).value
  const changes = data?.changes.edges.map(({ node: { event, listeners, multiKeyListeners } }) => ({
    event,
    listeners: kind === 'Listener' ? listeners : multiKeyListeners,
  }))
  const { events, end } = outageOf(changes ?? [], name)
  const explanation = events.map(event => explainMessage(messageOf(event) ?? '')).find(words => words !== undefined)
  const shown = events.slice(0, MOST_SHOWN)
  return events.length === 0 ? null : (
    <section class="broke-it-wide">
      <h3>What followed</h3>
      {explanation && <p>{explanation}</p>}
      <EventList events={shown.toReversed()} current={shown.find(({ position }) => position === at.value)} />
      {end && (
        <p>
          {end.isReady ? 'Ready again' : 'Deleted'} after{' '}
          {formatDuration(Date.parse(end.event.time) - Date.parse(cause.time))}, at <TimeText time={end.event.time} />
        </p>
      )}
    </section>
  )
}

const ShowButton = ({ event }: { readonly event: EventFragment }) =>
  at.value === event.position ? (
    <p class="as-of">The page shows this moment.</p>
  ) : (
    <button type="button" onClick={() => showEvent(event.position, event.time)}>
      Show this moment
    </button>
  )

interface FoundProperties extends Broken {
  readonly bisection: Bisection
}

const Found = ({ bisection, ...broken }: FoundProperties) => {
  const { change, command } = bisection
  if (!change) return null
  const { event } = change
  const isAlone = !command || command.position === event.position
  return (
    <div class="broke-it">
      <section class={isAlone ? 'broke-it-wide' : undefined}>
        <h3>This event ended Ready</h3>
        <EventSummary event={event} />
        <ShowButton event={event} />
      </section>
      {!isAlone && (
        <section>
          <h3>Last change before it</h3>
          <p class="event-title">{describeEvent(command)}</p>
          <p class="soft">
            <TimeText time={command.time} />, <EventActor event={command} />
          </p>
          <ShowButton event={command} />
        </section>
      )}
      <Aftermath {...broken} cause={event} />
      {at.value !== event.position && (
        <section class="broke-it-wide">
          <h3>What it changed</h3>
          <Differences tables={tablesOf(change, broken)} />
        </section>
      )}
    </div>
  )
}

const OUTCOMES: Readonly<Record<Bisection['outcome'], string>> = {
  Found: '',
  Before: 'It was not Ready when the window began. Zoom out to search further back.',
  Never: 'It did not cease to be Ready in this window.',
}

export const WhatBrokeIt = ({ kind, namespace, name }: Broken) => {
  const answer = useSignal<Answer>({})
  const search = async (): Promise<void> => {
    answer.value = { isRunning: true }
    const window = shownWindow.peek()
    const to = momentOf(at.peek()) ?? (window && { time: iso(window.to) })
    try {
      const variables = {
        namespace,
        name,
        kind,
        latest: true,
        ...(window && { from: { time: iso(window.from) } }),
        ...(to && { to }),
      }
      const { bisect } = await request(BisectDocument, variables)
      answer.value = { bisection: bisect }
    } catch (cause) {
      answer.value = { error: cause instanceof ApiError ? cause : new ApiError(String(cause), 'INTERNAL') }
    }
  }
  useEffect(() => {
    if (demandsCause()) void search()
  }, [])
  const { bisection, error, isRunning } = answer.value
  return (
    <section class="card" aria-live="polite">
      <div class="card-head">
        <h2 class="visually-hidden">What broke it?</h2>
        <p class="soft">
          Finds the latest event{' '}
          {isPast.value ? 'between the start of the window and the moment shown' : 'in the window'} after which the
          listener was no longer Ready.
        </p>
        <button type="button" class={bisection ? undefined : 'primary'} disabled={isRunning} onClick={search}>
          {bisection ? 'Search again' : 'What broke it?'}
        </button>
      </div>
      {error && <p class="notice">{error.message}</p>}
      {bisection && bisection.outcome !== 'Found' && <p>{OUTCOMES[bisection.outcome]}</p>}
      {bisection && <Found bisection={bisection} kind={kind} namespace={namespace} name={name} />}
    </section>
  )
}
