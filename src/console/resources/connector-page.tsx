import { useEffect } from 'preact/hooks'
import { ConnectorDetailDocument, type ConnectorDetailQuery } from '../api/generated.ts'
import { useQuery } from '../api/use-query.ts'
import { StatusBadge } from '../components/status.tsx'
import { TimeText } from '../components/time-text.tsx'
import { useResourceEvents } from '../events/resource-events.ts'
import { ResourceTimeline } from '../lanes/resource-timeline.tsx'
import { at } from '../routes/navigation.ts'
import { momentOf } from '../routes/route.ts'
import { version } from '../time/log.ts'
import { stepThrough } from '../timebar/keyboard.ts'
import { Conditions } from './conditions.tsx'
import { CurrentEvent, EventsCard } from './current-event.tsx'
import { Facts, settingsText } from './facts.tsx'

type Connector = NonNullable<ConnectorDetailQuery['connector']>

interface Properties {
  readonly namespace: string
  readonly name: string
}

const Details = ({ connector: { metadata, spec, status } }: { readonly connector: Connector }) => (
  <>
    <section class="card">
      <h2>Conditions</h2>
      <Conditions conditions={status.conditions} />
    </section>
    <section class="card">
      <h2>Spec</h2>
      <Facts
        facts={[
          ['Routing key', spec.routingKey],
          ['Host', spec.host],
          ['Selector', spec.selector],
          ['Port', spec.port],
          ['Type', spec.type],
          ['TLS credentials', spec.tlsCredentials],
          ['Settings', settingsText(spec.settings)],
          ['Generation', metadata.generation],
          ['Created', <TimeText time={metadata.creationTimestamp} />],
        ]}
      />
    </section>
  </>
)

export const ConnectorPage = ({ namespace, name }: Properties) => {
  const moment = momentOf(at.value)
  const variables = { namespace, name, ...(moment && { at: moment }) }
  const { data, error } = useQuery(ConnectorDetailDocument, variables, version.value).value
  const events = useResourceEvents({ kind: 'Connector', namespace, name }).value
  useEffect(() => stepThrough({ namespace, name }), [namespace, name])
  const connector = data?.connector
  return (
    <main class="page" id="main">
      <div class="page-head">
        <h1>{name}</h1>
        <span class="soft">connector in {namespace}</span>
        {data && <StatusBadge status={connector?.status.status} />}
        {connector && connector.status.status !== 'Ready' && <span>{connector.status.message}</span>}
      </div>
      {(error ?? events.error) && (
        <p class="notice" role="alert">
          {(error ?? events.error)?.message}
        </p>
      )}
      <ResourceTimeline kind="Connector" namespace={namespace} name={name} />
      <div class="columns">
        <div>
          {events.data?.current && <CurrentEvent namespace={namespace} event={events.data.current} />}
          {events.data && <EventsCard {...events.data} />}
        </div>
        <div>
          {connector && <Details connector={connector} />}
          {data && !connector && <p class="empty">The connector does not exist at this moment.</p>}
        </div>
      </div>
    </main>
  )
}
