import { ChangeAtDocument, type EventFragment } from '../api/generated.ts'
import { useQuery } from '../api/use-query.ts'
import { TimeText } from '../components/time-text.tsx'
import { actorTitle } from './actors.tsx'
import { useConnectorChange } from './connector-change.ts'
import { describeEvent, explainMessage, explainType, messageOf, type Subject } from './describe-event.ts'
import { tablesOf } from './difference-tables.ts'
import { Differences } from './differences.tsx'

/** How a change reached Hark. */
export const ORIGINS: Readonly<Record<string, string>> = {
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

interface ChangeProperties {
  /** The resource whose changes are meant, which need not be that of the event. */
  readonly subject: Subject
  readonly event: EventFragment
}

export const EventChange = ({ subject, event }: ChangeProperties) => {
  const { namespace } = subject
  const { position } = event
  const { data, error } = useQuery(ChangeAtDocument, { namespace, at: { position } }).value
  const own = useConnectorChange(subject, position).value
  const failure = error ?? own.error
  if (failure !== undefined) return <p class="notice">{failure.message}</p>
  const change = data?.changes.edges[0]?.node
  const isOther = change !== undefined && change.event.position !== position
  const isWaiting = subject?.kind === 'Connector' && own.data?.position !== position
  if (data === undefined || isOther || isWaiting) return null
  const others = change === undefined ? [] : tablesOf(change, subject)
  return <Differences tables={[...(own.data?.tables ?? []), ...others]} />
}
