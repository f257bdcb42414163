import type { ConnectorCommand, ListenerCommand } from '../../schemas/commands.ts'
import type { ConnectorSpec } from '../../schemas/resources/connector.ts'
import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import { connectorSpec, listenerSpec } from './domain/specs.ts'

const west = (name: string) => ({ namespace: 'west', name })

/** Creates a listener, by default at a unique host. */
export const createListener = (
  name: string,
  spec: Partial<ListenerSpec> = {},
): ListenerCommand & { type: 'CreateListener' } => ({
  type: 'CreateListener',
  ...west(name),
  spec: listenerSpec({ host: name, ...spec }),
})
export const updateRoutingKey = (name: string, routingKey: string): ListenerCommand => ({
  type: 'UpdateRoutingKey',
  ...west(name),
  routingKey,
})
export const updateHost = (name: string, host: string): ListenerCommand => ({ type: 'UpdateHost', ...west(name), host })
export const updatePort = (name: string, port: number): ListenerCommand => ({ type: 'UpdatePort', ...west(name), port })
export const deleteListener = (name: string): ListenerCommand => ({ type: 'DeleteListener', ...west(name) })

export const createConnector = (name: string, spec: Partial<ConnectorSpec> = {}): ConnectorCommand => ({
  type: 'CreateConnector',
  ...west(name),
  spec: connectorSpec(spec),
})
export const updateConnector = (name: string, spec: Partial<ConnectorSpec> = {}): ConnectorCommand => ({
  type: 'UpdateConnector',
  ...west(name),
  spec: connectorSpec(spec),
})
export const deleteConnector = (name: string): ConnectorCommand => ({ type: 'DeleteConnector', ...west(name) })
