import type { ConnectorSpec } from '../../../schemas/resources/connector.ts'
import type { ListenerSpec } from '../../../schemas/resources/listener.ts'
import type { MultiKeyListenerSpec } from '../../../schemas/resources/multi-key-listener.ts'

/** The listener of Skupper's reference, with defaults applied. */
export const listenerSpec = (changes: Partial<ListenerSpec> = {}): ListenerSpec => ({
  routingKey: 'backend',
  host: 'backend',
  port: 8080,
  type: 'tcp',
  exposePodsByName: false,
  settings: { observer: 'auto' },
  ...changes,
})

/** A matching connector. */
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

/** With defaults applied, and a strategy by priority. */
export const multiKeyListenerSpec = (changes: Partial<MultiKeyListenerSpec> = {}): MultiKeyListenerSpec => ({
  host: 'backend',
  port: 8080,
  strategy: { priority: { routingKeys: ['east', 'north'] } },
  observer: 'auto',
  requireClientCert: false,
  settings: {},
  ...changes,
})
