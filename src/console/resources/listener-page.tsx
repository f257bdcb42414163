import { ListenerDetailDocument, type ListenerDetailQuery } from '../api/generated.ts'
import { TimeText } from '../components/time-text.tsx'
import type { ResourceEvents } from '../events/resource-events.ts'
import { Conditions } from './conditions.tsx'
import { Facts } from './facts.tsx'
import { ResourceDetail, type ResourceName } from './resource-detail.tsx'
import { settingsText } from './settings-text.ts'
import { WhatBrokeIt } from './what-broke-it.tsx'

type Listener = NonNullable<ListenerDetailQuery['listener']>

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

interface DetailsProperties {
  readonly listener: Listener
  readonly events: ResourceEvents | undefined
}

const Details = ({ listener: { metadata, spec, status, matchingConnectors }, events }: DetailsProperties) => (
  <>
    <section class="card">
      <h2>Conditions</h2>
      <Conditions conditions={status.conditions} events={events} />
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

export const ListenerPage = ({ namespace, name }: ResourceName) => (
  <ResourceDetail
    kind="Listener"
    namespace={namespace}
    name={name}
    operation={ListenerDetailDocument}
    resourceOf={({ listener }) => listener}
    details={(listener, events) => <Details listener={listener} events={events} />}
  >
    <WhatBrokeIt kind="Listener" namespace={namespace} name={name} />
  </ResourceDetail>
)
