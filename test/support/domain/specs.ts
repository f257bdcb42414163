import type { ConnectorSpec } from '../../../schemas/resources/connector.ts'
import type { ListenerSpec } from '../../../schemas/resources/listener.ts'

/** The listener of Skupper's reference, as Hark keeps it. */
export const listenerSpec = (changes: Partial<ListenerSpec> = {}): ListenerSpec => ({
  routingKey: 'backend',
  host: 'backend',
  port: 8080,
  type: 'tcp',
  exposePodsByName: false,
  settings: { observer: 'auto' },
  ...changes,
})

/** A connector that it matches. */
export const connectorSpec = (changes: Partial<ConnectorSpec> = {}): ConnectorSpec => ({
  routingKey: 'backend',
  host: 'backend.internal',
  port: 8080,
  type: 'tcp',
  useClientCert: false,
  verifyHostname: true,
  exposePodsByName: false,
  includeNotReadyPods: false,
  settings: {},
  ...changes,
})
