import { MultiKeyListenersDocument, NetworkConnectorsDocument, NetworkListenersDocument } from '../api/generated.ts'
import { allNodes, pageLoader } from '../api/pages.ts'
import { useLoad } from '../api/use-query.ts'
import { routingKeysOf, type Strategy, strategyText } from '../resources/strategy.ts'
import { at } from '../routes/navigation.ts'
import { momentOf, type PageKind } from '../routes/route.ts'
import { version } from '../time/log.ts'
import type { Endpoint, NetworkEndpoints } from './network-layout.ts'

interface Row<Spec> {
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly spec: Spec & { readonly port: number }
  readonly status: { readonly laneStatus: Endpoint['status'] }
}

const endpointOf =
  (kind: PageKind) =>
  ({ metadata, spec, status }: Row<{ readonly routingKey: string }>): Endpoint => ({
    kind,
    ...metadata,
    routingKeys: [spec.routingKey],
    keyWords: `key ${spec.routingKey}`,
    port: spec.port,
    status: status.laneStatus,
  })

const multiKeyEndpoint = ({ metadata, spec, status }: Row<{ readonly strategy: Strategy }>): Endpoint => ({
  kind: 'MultiKeyListener',
  ...metadata,
  routingKeys: routingKeysOf(spec.strategy),
  keyWords: `keys ${strategyText(spec.strategy)}`,
  port: spec.port,
  status: status.laneStatus,
})

export const useEndpoints = () => {
  const moment = momentOf(at.value)
  return useLoad(`${at.value}`, version.value, async (stop): Promise<NetworkEndpoints> => {
    const variables = { at: moment }
    const [listeners, connectors] = await Promise.all([
      allNodes(
        {
          loaders: [
            pageLoader(MultiKeyListenersDocument, variables, data => data.multiKeyListeners, multiKeyEndpoint),
            pageLoader(NetworkListenersDocument, variables, data => data.listeners, endpointOf('Listener')),
          ],
        },
        stop,
      ),
      allNodes(
        {
          loaders: [pageLoader(NetworkConnectorsDocument, variables, data => data.connectors, endpointOf('Connector'))],
        },
        stop,
      ),
    ])
    return { listeners, connectors }
  })
}
