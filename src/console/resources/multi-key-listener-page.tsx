import { MultiKeyListenerDetailDocument, type MultiKeyListenerDetailQuery } from '../api/generated.ts'
import { TimeText } from '../components/time-text.tsx'
import type { ResourceEvents } from '../events/resource-events.ts'
import { Conditions } from './conditions.tsx'
import { Facts } from './facts.tsx'
import { ResourceDetail, type ResourceName } from './resource-detail.tsx'
import { RoutingKeys } from './routing-keys.tsx'
import { settingsText } from './settings-text.ts'
import { sharesOf } from './strategy.ts'
import { WhatBrokeIt } from './what-broke-it.tsx'

type MultiKeyListener = NonNullable<MultiKeyListenerDetailQuery['multiKeyListener']>

interface DetailsProperties {
  readonly listener: MultiKeyListener
  readonly events: ResourceEvents | undefined
}

const Details = ({ listener: { metadata, spec, status }, events }: DetailsProperties) => (
  <>
    <section class="card">
      <h2>Conditions</h2>
      <Conditions conditions={status.conditions} events={events} />
    </section>
    <section class="card">
      <h2>Routing keys</h2>
      <RoutingKeys shares={sharesOf(spec.strategy, status.strategy)} />
    </section>
    <section class="card">
      <h2>Spec</h2>
      <Facts
        facts={[
          ['Strategy', spec.strategy.priority ? 'priority' : 'weighted'],
          ['Host', spec.host],
          ['Port', spec.port],
          ['Observer', spec.observer],
          ['TLS credentials', spec.tlsCredentials],
          ['Client certificate', spec.requireClientCert ? 'required' : undefined],
          ['Settings', settingsText(spec.settings)],
          ['Generation', metadata.generation],
          ['Created', <TimeText time={metadata.creationTimestamp} />],
        ]}
      />
    </section>
  </>
)

export const MultiKeyListenerPage = ({ namespace, name }: ResourceName) => (
  <ResourceDetail
    kind="MultiKeyListener"
    namespace={namespace}
    name={name}
    operation={MultiKeyListenerDetailDocument}
    resourceOf={({ multiKeyListener }) => multiKeyListener}
    details={(listener, events) => <Details listener={listener} events={events} />}
  >
    <WhatBrokeIt kind="MultiKeyListener" namespace={namespace} name={name} />
  </ResourceDetail>
)
