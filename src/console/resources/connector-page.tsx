import { ConnectorDetailDocument, type ConnectorDetailQuery } from '../api/generated.ts'
import { TimeText } from '../components/time-text.tsx'
import type { ResourceEvents } from '../events/resource-events.ts'
import { Conditions } from './conditions.tsx'
import { Facts } from './facts.tsx'
import { ResourceDetail, type ResourceName } from './resource-detail.tsx'
import { settingsText } from './settings-text.ts'

type Connector = NonNullable<ConnectorDetailQuery['connector']>

interface DetailsProperties {
  readonly connector: Connector
  readonly events: ResourceEvents | undefined
}

const Details = ({ connector: { metadata, spec, status }, events }: DetailsProperties) => (
  <>
    <section class="card">
      <h2>Conditions</h2>
      <Conditions conditions={status.conditions} events={events} />
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

export const ConnectorPage = ({ namespace, name }: ResourceName) => (
  <ResourceDetail
    kind="Connector"
    namespace={namespace}
    name={name}
    operation={ConnectorDetailDocument}
    resourceOf={({ connector }) => connector}
    details={(connector, events) => <Details connector={connector} events={events} />}
  />
)
