import { ChangeAtDocument, type EventFragment } from '../api/generated.ts'
import { useQuery } from '../api/use-query.ts'
import { TimeText } from '../components/time-text.tsx'
import { actorTitle } from './actors.tsx'
import { describeEvent, explainMessage, explainType, messageOf, subjectOf } from './describe-event.ts'
import { Differences } from './differences.tsx'

const ORIGINS: Readonly<Record<string, string>> = {
  cli: 'with the command line',
  graphql: 'through GraphQL',
  import: 'by an import',
}

export const EventActor = ({ event: { actor, via } }: { readonly event: Pick<EventFragment, 'actor' | 'via'> }) =>
  actor === 'agent' ? (
    <span title={actorTitle(actor)}>reported by agent</span>
  ) : (
    <>
      by <strong>{actor}</strong> {ORIGINS[via ?? '']}
      {actor === 'anonymous' && ' (no authentication was configured)'}
    </>
  )

export const EventSummary = ({ event }: { readonly event: EventFragment }) => {
  const message = messageOf(event)
  const explanation = (message && explainMessage(message)) || explainType(event.type)
  return (
    <div class="event-summary">
      <p class="event-title">{describeEvent(event)}</p>
      {message && <p class="mono">{message}</p>}
      {explanation && <p>{explanation}</p>}
      <p class="soft">
        <TimeText time={event.time} />, <EventActor event={event} />
      </p>
    </div>
  )
}

export const EventChange = ({ namespace, event }: { readonly namespace: string; readonly event: EventFragment }) => {
  const at = { position: event.position }
  const { data, error } = useQuery(ChangeAtDocument, { namespace, at }).value
  const subject = subjectOf(event)
  if (error !== undefined) return <p class="notice">{error.message}</p>
  const change = data?.changes.edges[0]?.node
  if (data === undefined || (change !== undefined && change.event.position !== event.position)) return null
  return change === undefined ? (
    <p class="soft">It changed neither the status of a listener nor the configuration of the router.</p>
  ) : (
    <Differences change={change} listener={subject?.kind === 'Listener' ? subject.name : undefined} />
  )
}
