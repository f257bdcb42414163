import { NetworkConnectorsDocument, NetworkListenersDocument } from '../api/generated.ts'
import { allNodes } from '../api/pages.ts'
import { useLoad } from '../api/use-query.ts'
import { at } from '../routes/navigation.ts'
import { momentOf } from '../routes/route.ts'
import { version } from '../time/log.ts'
import type { Endpoint } from './network-layout.ts'

export interface NetworkEndpoints {
  readonly listeners: readonly Endpoint[]
  readonly connectors: readonly Endpoint[]
}

interface Row {
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly spec: { readonly routingKey: string; readonly port: number }
  readonly status: { readonly laneStatus: Endpoint['status'] }
}

const endpointOf = ({ metadata, spec, status }: Row): Endpoint => ({
  namespace: metadata.namespace,
  name: metadata.name,
  routingKey: spec.routingKey,
  port: spec.port,
  status: status.laneStatus,
})

export const useEndpoints = () => {
  const moment = momentOf(at.value)
  return useLoad(`${at.value}`, version.value, async (stop): Promise<NetworkEndpoints> => {
    const variables = { at: moment }
    const [listeners, connectors] = await Promise.all([
      allNodes({ operation: NetworkListenersDocument, variables, pageOf: data => data.listeners }, stop),
      allNodes({ operation: NetworkConnectorsDocument, variables, pageOf: data => data.connectors }, stop),
    ])
    return { listeners: listeners.map(endpointOf), connectors: connectors.map(endpointOf) }
  })
}
