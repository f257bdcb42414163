import { useEffect } from 'preact/hooks'
import { ListenerDetailDocument, type ListenerDetailQuery } from '../api/generated.ts'
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
import { WhatBrokeIt } from './what-broke-it.tsx'

type Listener = NonNullable<ListenerDetailQuery['listener']>

interface Properties {
  readonly namespace: string
  readonly name: string
}

const Connectors = ({ connectors }: { readonly connectors: Listener['matchingConnectors'] }) =>
  connectors.length === 0 ? (
    <p class="soft">No connector has this routing key.</p>
  ) : (
    <ul class="plain">
      {connectors.map(({ site, name, host, port, since }) => (
        <li key={`${site}/${name}/${host}/${port}`}>
          <strong>{name ?? host ?? 'A connector'}</strong>
          {site && ` at site ${site}`}
          {host && ` to ${host}${port ? `:${port}` : ''}`}
          <span class="soft">
            {' '}
            since <TimeText time={since} />
          </span>
        </li>
      ))}
    </ul>
  )

const Details = ({ listener: { metadata, spec, status, matchingConnectors } }: { readonly listener: Listener }) => (
  <>
    <section class="card">
      <h2>Conditions</h2>
      <Conditions conditions={status.conditions} />
    </section>
    <section class="card">
      <h2>Matching connectors</h2>
      <Connectors connectors={matchingConnectors} />
    </section>
    <section class="card">
      <h2>Spec</h2>
      <Facts
        facts={[
          ['Routing key', spec.routingKey],
          ['Host', spec.host],
          ['Port', spec.port],
          ['Type', spec.type],
          ['TLS credentials', spec.tlsCredentials],
          ['Exposes pods by name', spec.exposePodsByName ? 'yes' : undefined],
          ['Settings', settingsText(spec.settings)],
          ['Generation', metadata.generation],
          ['Created', <TimeText time={metadata.creationTimestamp} />],
        ]}
      />
    </section>
  </>
)

export const ListenerPage = ({ namespace, name }: Properties) => {
  const moment = momentOf(at.value)
  const variables = { namespace, name, ...(moment && { at: moment }) }
  const { data, error } = useQuery(ListenerDetailDocument, variables, version.value).value
  const events = useResourceEvents({ kind: 'Listener', namespace, name }).value
  useEffect(() => stepThrough({ namespace, name }), [namespace, name])
  const listener = data?.listener
  return (
    <main class="page" id="main">
      <div class="page-head">
        <h1>{name}</h1>
        <span class="soft">listener in {namespace}</span>
        {data && <StatusBadge status={listener?.status.status} />}
        {listener && listener.status.status !== 'Ready' && <span>{listener.status.message}</span>}
      </div>
      {(error ?? events.error) && (
        <p class="notice" role="alert">
          {(error ?? events.error)?.message}
        </p>
      )}
      <ResourceTimeline kind="Listener" namespace={namespace} name={name} />
      <div class="columns">
        <div>
          <WhatBrokeIt namespace={namespace} name={name} />
          {events.data?.current && <CurrentEvent namespace={namespace} event={events.data.current} />}
          {events.data && <EventsCard {...events.data} />}
        </div>
        <div>
          {listener && <Details listener={listener} />}
          {data && !listener && <p class="empty">The listener does not exist at this moment.</p>}
        </div>
      </div>
    </main>
  )
}
