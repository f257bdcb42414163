import { type Moment, NetworkDocument } from '../api/generated.ts'
import { allNodes, type Lists, pageOf } from '../api/pages.ts'
import { request } from '../api/request.ts'
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

const listsAt = (at: Moment | undefined): Lists<Endpoint> => ({
  count: 3,
  load: async ({ after: [afterMultiKey, after, afterConnector], ...page }, stop) => {
    const wanted = {
      hasMultiKeyListeners: afterMultiKey !== undefined,
      hasListeners: after !== undefined,
      hasConnectors: afterConnector !== undefined,
    }
    const variables = { ...page, ...wanted, at, afterMultiKey, after, afterConnector }
    const { multiKeyListeners, listeners, connectors } = await request(NetworkDocument, variables, stop)
    return [
      pageOf(multiKeyListeners, multiKeyEndpoint),
      pageOf(listeners, endpointOf('Listener')),
      pageOf(connectors, endpointOf('Connector')),
    ]
  },
})

export const useEndpoints = () => {
  const moment = momentOf(at.value)
  return useLoad(`${at.value}`, version.value, async (stop): Promise<NetworkEndpoints> => {
    const { connectors = [], listeners = [] } = Object.groupBy(await allNodes(listsAt(moment), stop), ({ kind }) =>
      kind === 'Connector' ? 'connectors' : 'listeners',
    )
    return { listeners, connectors }
  })
}
